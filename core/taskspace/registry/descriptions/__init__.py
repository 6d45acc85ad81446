"""What is known of components without importing them, and how it is learnt."""
