"""The diagonal Fisher information of a network's weights, one value a filter."""
