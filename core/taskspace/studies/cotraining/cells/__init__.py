"""The code of the cells of the study: runs in workers, imports torch."""
