"""From codes to predictions."""
