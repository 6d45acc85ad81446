"""Which cells a job needs, before anything runs."""
