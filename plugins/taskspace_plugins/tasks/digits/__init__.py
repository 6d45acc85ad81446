"""Tasks on the scanned digits."""
