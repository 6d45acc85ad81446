"""What zero-shot learning of compositions exchanges: words as vectors, generators, classifiers."""
