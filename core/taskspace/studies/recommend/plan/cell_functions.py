"""The functions of the study's cells, by name: planning imports none of them."""

from taskspace.components import CellFunction
from taskspace.learning.version import learned

_CELLS = "taskspace.studies.recommend.cells"
# A version is raised whenever the function's results change.
EXPERT = learned(f"{_CELLS}.experts:train_expert", 1)
CODES = CellFunction(f"{_CELLS}.codes:encode_images", 1)
COST = CellFunction(f"{_CELLS}.codes:measure_cost", 2)
HEAD = CellFunction(f"{_CELLS}.judging:measure_head", 1)
FINETUNE = learned(f"{_CELLS}.judging:finetune", 1)
SCORE = CellFunction(f"{_CELLS}.judging:estimate", 1)
EMBED = CellFunction(f"{_CELLS}.embeddings:embed_task", 1)
DISTANCES = CellFunction(f"{_CELLS}.embeddings:compare_tasks", 1)
