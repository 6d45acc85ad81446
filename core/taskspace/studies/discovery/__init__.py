"""Discovery: the tasks that a network generalises on, and the splits that fool it."""
