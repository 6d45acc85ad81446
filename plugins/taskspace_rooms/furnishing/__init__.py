"""From a seed to a furnished room and its cameras."""
