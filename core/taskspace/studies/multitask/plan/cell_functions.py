"""The functions of the study's cells, by name: planning imports none of them."""

from taskspace.components import CellFunction
from taskspace.learning.version import learned

_CELLS = "taskspace.studies.multitask.cells"
# A version is raised whenever the function's results change.
COUNT = CellFunction(f"{_CELLS}.data:count_labels", 1)
TRAIN = learned(f"{_CELLS}.networks:train_network", 1)
