"""Tasks on labels that a dataset gives."""
