"""What a job wants: its tasks and its cells; and the state that its stages hand on."""
