"""Columns of labels: the same cells as numbers and as classes, for every dataset that has some."""
