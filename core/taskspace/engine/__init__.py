"""Cells, plans, the store and runs; knows no study."""
