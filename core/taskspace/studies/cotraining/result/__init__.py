"""What trainings add up to: the result, its tables, its findings."""
