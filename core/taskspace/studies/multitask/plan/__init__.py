"""What a job wants: its tasks, its samples and its cells."""
