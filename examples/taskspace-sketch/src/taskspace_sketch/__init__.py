"""A task, an encoder and a solver for taskspace."""
