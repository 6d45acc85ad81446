"""What holds for a weighting."""
