"""The components that taskspace brings: a small file each, a folder a kind."""
