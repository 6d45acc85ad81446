"""What a finished run is written to: index files of a split, labels as a table."""
