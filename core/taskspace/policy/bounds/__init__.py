"""Bounds and starts: what rules decisions out before a solver is asked."""
