"""The checks: what every component of a kind must do, a file a kind."""
