"""The folders of runs: what is in them, what seals and removes them."""
