"""Detecting boxes by their centres: what a map should say, what it costs, and what it says."""
