<<<<<<< HEAD
"""What holds for kinds that estimate, before training, how well a model serves a task."""
=======
"""Checks of what estimates transferability."""
>>>>>>> dd53d8b (Conformance of embeddings, with planted faults)
