"""From the bytes of a job to a tree in which every value knows its place."""
