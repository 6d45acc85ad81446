"""What is predicted, and from what."""
