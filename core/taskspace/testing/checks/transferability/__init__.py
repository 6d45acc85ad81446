"""Checks of what estimates transferability."""
