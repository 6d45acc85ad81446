"""What every study that trains networks uses: numerics, rows of stored arrays, an optimiser."""
