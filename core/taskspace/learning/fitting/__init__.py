"""Training networks in place: optimiser, checkpoints, early stopping."""
