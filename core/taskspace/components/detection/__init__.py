"""Boxes around objects: how samples carry them, and how well they are detected."""
