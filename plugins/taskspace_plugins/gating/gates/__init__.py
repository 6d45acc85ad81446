"""Gates: how a scheme learns or draws which experts a task reads."""
