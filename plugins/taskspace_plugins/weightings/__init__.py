"""Built-in weightings: how the losses of several tasks become one update."""
