"""Built-in generators: image features for tasks that nobody has labelled."""
