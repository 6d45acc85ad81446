"""Taskonomy: which tasks to label and which to get by transfer."""
