"""The work of the study: a function a cell."""
