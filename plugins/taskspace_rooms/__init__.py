"""Procedurally generated indoor scenes with exact labels: the world of the dataset `rooms`."""
