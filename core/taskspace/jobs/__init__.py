"""YAML with positions to validated jobs."""
