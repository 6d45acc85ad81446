"""Which way metrics point."""

RISING = frozenset({"accuracy"})
"""Metrics of which more is better; of all others, which are errors, less is."""
