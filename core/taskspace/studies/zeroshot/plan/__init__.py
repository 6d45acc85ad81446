"""What a job wants: its cells, and what they have measured."""
