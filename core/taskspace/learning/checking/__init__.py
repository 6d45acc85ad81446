"""Looking at data before anything is computed from it."""
