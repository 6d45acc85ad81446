"""Built-in embeddings: tasks as vectors, by what they make of a probe network."""
