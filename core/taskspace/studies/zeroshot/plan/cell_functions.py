"""The functions of the study's cells, by name: planning imports none of them."""

from taskspace.components import CellFunction
from taskspace.learning.version import learned

_CELLS = "taskspace.studies.zeroshot.cells"
# A version is raised whenever the function's results change.
COMPOSITIONS = CellFunction(f"{_CELLS}.compositions:find_compositions", 2)
WORDS = CellFunction(f"{_CELLS}.compositions:describe_words", 2)
ENCODER = learned(f"{_CELLS}.features:train_encoder", 1)
FEATURES = CellFunction(f"{_CELLS}.features:encode_images", 1)
GENERATOR = learned(f"{_CELLS}.generation:train_generator", 1)
CLASSIFIER = learned(f"{_CELLS}.classification:train_classifier", 1)
ORACLE = learned(f"{_CELLS}.classification:train_oracle", 1)
EXAMPLES = CellFunction(f"{_CELLS}.examples:pick_images", 1)
MAP = CellFunction(f"{_CELLS}.maps:draw_map", 1)
