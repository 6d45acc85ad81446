"""The built-in solvers; importing them imports neither Pyomo nor any optimiser."""
