"""The code of the study's cells: runs in workers, imports torch."""
