"""Streets that a car drives along: where it goes, what stands there, and what its camera sees."""
