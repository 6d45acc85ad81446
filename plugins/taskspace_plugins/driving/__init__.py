"""How a car moved, from the recording of its phone; shared by datasets and tasks."""
