"""Tasks whose labels a drive records by itself (Yan 2020, Chapter 4)."""
