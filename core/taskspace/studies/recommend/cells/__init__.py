"""What the cells of the study compute; imported by workers, never while planning."""
