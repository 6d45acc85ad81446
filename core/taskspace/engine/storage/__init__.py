"""The store: results under their keys, verified when they are read."""
