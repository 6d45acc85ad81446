"""What a job wants: its tasks, its arms and its cells; and what they have measured."""
