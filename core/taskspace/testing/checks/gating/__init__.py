"""What holds for a gating scheme."""
