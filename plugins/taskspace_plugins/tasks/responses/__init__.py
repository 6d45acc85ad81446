"""Edges, keypoints and segments, in the image and in depth."""
