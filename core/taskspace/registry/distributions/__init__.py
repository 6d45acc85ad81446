"""What is installed: distributions, their files and the hashes of them."""
