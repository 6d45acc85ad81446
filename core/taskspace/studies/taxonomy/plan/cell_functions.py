"""The functions of the study's cells, by name: planning imports none of them."""

from taskspace.components import CellFunction
from taskspace.learning.version import learned

_CELLS = "taskspace.studies.taxonomy.cells"
# A version is raised whenever the function's results change.
TRAIN = learned(f"{_CELLS}.networks:train_network", 2)
MEASURE = CellFunction(f"{_CELLS}.networks:measure_network", 3)
FIT_CONSTANT = learned(f"{_CELLS}.networks:fit_constant", 3)
MEASURE_CONSTANT = CellFunction(f"{_CELLS}.networks:measure_constant", 2)
REPRESENT = CellFunction(f"{_CELLS}.representations:represent", 2)
ENCODE = CellFunction(f"{_CELLS}.pretrained:encode_images", 1)
REPRESENT_ENCODED = CellFunction(f"{_CELLS}.pretrained:represent_encoded", 1)
READOUT = learned(f"{_CELLS}.readouts:train_readouts", 2, batched=True)
TIME_READOUT = learned(f"{_CELLS}.readouts:time_readout", 1)
FINETUNE = learned(f"{_CELLS}.finetuned:finetune", 1)
MEASURE_FINETUNED = CellFunction(f"{_CELLS}.finetuned:measure_finetuned", 1)
COMPARE_ADAPT = CellFunction(f"{_CELLS}.finetuned:compare_adapt", 1)
PREDICTIONS = CellFunction(f"{_CELLS}.chains:represent_predictions", 1)
MEASURE_READOUT = CellFunction(f"{_CELLS}.readouts:measure_readouts", 3, batched=True)
TOURNAMENT = CellFunction(f"{_CELLS}.decisions:tournament", 2)
SOLVE = CellFunction(f"{_CELLS}.decisions:solve", 1)
AROUND = CellFunction(f"{_CELLS}.decisions:around", 1)
RANDOM_POLICIES = CellFunction(f"{_CELLS}.decisions:random_policies", 2)
EVALUATE = CellFunction(f"{_CELLS}.assessment:evaluate", 2)
ASSESS = CellFunction(f"{_CELLS}.assessment:assess", 4)
COUNT = CellFunction(f"{_CELLS}.counts:count_labels", 1)
BELOW_CONSTANT = CellFunction(f"{_CELLS}.evidence:below_constant", 1)
EVIDENCE = CellFunction(f"{_CELLS}.evidence:beats_floor", 4)
PREVIEW = CellFunction(f"{_CELLS}.assessment:preview", 3)
NOVEL = CellFunction(f"{_CELLS}.evidence:novel_tasks", 2)
COMPARE_SOURCES = CellFunction(f"{_CELLS}.pretrained_evidence:compare_sources", 2)
COMPARE_POLICIES = CellFunction(f"{_CELLS}.pretrained_evidence:compare_policies", 1)
COMPARE_CHAINS = CellFunction(f"{_CELLS}.chains:compare_chains", 2)
