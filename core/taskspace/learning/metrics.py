"""Which way metrics point."""

RISING = frozenset({"accuracy", "ap", "ap50"})
"""Metrics of which more is better; of all others, which are errors, less is."""
