"""Other people's code, run where it can be ended."""
