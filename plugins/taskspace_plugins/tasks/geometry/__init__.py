"""Depth, surfaces, cameras and rooms."""
