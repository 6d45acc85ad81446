"""The terminal: streams, tables, progress."""
