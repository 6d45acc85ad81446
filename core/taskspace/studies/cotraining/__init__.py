"""Whether auxiliary tasks whose labels come for free help a central task."""
