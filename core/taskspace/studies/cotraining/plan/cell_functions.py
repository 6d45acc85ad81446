"""The functions of the study's cells, by name: planning imports none of them."""

from taskspace.learning.version import learned

# The version is raised whenever the function's results change.
TRAIN = learned("taskspace.studies.cotraining.cells.arm:train_arm", 3)
