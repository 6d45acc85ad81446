"""The program: what it is made of, how it is read, checked and written for a solver."""
