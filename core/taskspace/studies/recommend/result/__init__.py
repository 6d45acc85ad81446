"""The result of a run: its model, its findings, its tables."""
