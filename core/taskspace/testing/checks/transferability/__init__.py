"""What holds for kinds that estimate, before training, how well a model serves a task."""
