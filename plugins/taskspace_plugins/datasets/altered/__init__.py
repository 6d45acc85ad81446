"""Photographs that were altered in known ways."""
