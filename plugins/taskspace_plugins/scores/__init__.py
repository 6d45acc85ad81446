"""Scores: from features, or the probabilities of source classes, how well a model serves a task."""
