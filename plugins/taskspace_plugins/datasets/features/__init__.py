"""Features that were computed elsewhere."""
