"""Multitask: which tasks should share which experts."""
