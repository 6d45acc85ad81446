"""Measure which prediction tasks to label and which to get by transfer."""
