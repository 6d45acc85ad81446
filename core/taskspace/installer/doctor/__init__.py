"""What `tasks plugin doctor` looks at."""
