"""What a job that trains wants: its tasks, its splits and its cells, stage by stage."""
