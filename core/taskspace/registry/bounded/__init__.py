"""What comes from files and processes that nobody vouches for, read within bounds."""
