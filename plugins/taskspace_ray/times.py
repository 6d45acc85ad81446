"""How long the parts of the executor wait for each other."""

GRACE_SECONDS = 3.0
"""A cell that is interrupted has this long to clean up."""

FORCE_SECONDS = 5.0
"""Ray has this long to kill a task."""

LAST_CALL_SECONDS = 20.0
"""After this time a process that should have closed is killed."""

LOOK_SECONDS = 1.0
"""How often the cluster is looked at: nodes come and go."""

PROBE_SECONDS = 10.0
"""An address that takes no connection within this time is refused."""
