"""What is trained beside a generator: the network of words, the critic, and their losses."""
