"""The functions of the study's cells, by name: planning imports none of them."""

from taskspace.components import CellFunction
from taskspace.learning.version import learned

_CELLS = "taskspace.studies.discovery.cells"
# A version is raised whenever the function's results change.
HUMAN = CellFunction(f"{_CELLS}.labels:human_labels", 1)
RANDOM = CellFunction(f"{_CELLS}.labels:random_labels", 1)
SEARCH = learned(f"{_CELLS}.searching:search_sphere", 1)
FREE = learned(f"{_CELLS}.searching:search_free", 1)
CODES = CellFunction("taskspace.learning.frozen.encoding:store_codes", 1)
FROZEN = learned(f"{_CELLS}.frozen:search_frozen", 1)
JUDGE = learned(f"{_CELLS}.judging:train_judges", 1, batched=True)
LOSSES = learned(f"{_CELLS}.splitting:measure_losses", 1)
HALVES = learned(f"{_CELLS}.splitting:train_halves", 1, batched=True)
