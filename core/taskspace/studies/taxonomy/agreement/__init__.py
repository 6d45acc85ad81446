"""Do two measurements of a taxonomy agree: runs with a published table, and with one another."""
