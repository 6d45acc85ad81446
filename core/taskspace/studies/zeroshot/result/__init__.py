"""What a run has found: its typed result, findings and tables."""
