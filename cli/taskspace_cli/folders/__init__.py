"""A job for a folder of images."""
