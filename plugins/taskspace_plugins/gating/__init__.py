"""Which tasks share which experts."""
