"""What holds for a task: its facts, its examples, its loss, how it shows them."""
