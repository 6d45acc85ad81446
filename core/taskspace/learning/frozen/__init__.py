"""What is made of the codes of frozen encoders: vectors, joined maps, linear heads."""
