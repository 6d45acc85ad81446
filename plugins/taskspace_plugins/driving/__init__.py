"""How a car moved, from the recording of its phone, and drives as such files."""
