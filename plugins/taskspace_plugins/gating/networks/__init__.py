"""The networks of gating schemes."""
