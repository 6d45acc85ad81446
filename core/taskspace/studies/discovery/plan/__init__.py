"""What the study works out before anything runs: facts, cells, outcomes."""
