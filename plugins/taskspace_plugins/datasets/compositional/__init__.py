"""Images of published compositions: which words go together, and which pairs have no images."""
