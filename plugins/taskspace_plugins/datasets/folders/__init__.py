"""Folders of images with their labels, maps and masks."""
