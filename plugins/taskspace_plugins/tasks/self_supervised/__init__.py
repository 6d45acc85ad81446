"""Tasks whose target is the image itself, or what was done to it."""
