"""The kinds of component and the plain types that they exchange."""

from taskspace.components.base import (
    API_VERSION,
    JSON,
    RESERVED_KEYS,
    Component,
    ComponentSpec,
    Installable,
    JobPath,
    JobRun,
    SourceText,
    hook_name,
    hookimpl,
    stable_seed,
)
from taskspace.components.compositions.classifier import Classifier
from taskspace.components.compositions.generator import Generator
from taskspace.components.compositions.lexicon import Lexicon
from taskspace.components.dataset import Compositions, Dataset, Field, NumberSpan, Sample
from taskspace.components.encoder import Encoder, EncoderStage, Shape
from taskspace.components.exchanged.cell import (
    Call,
    Cell,
    CellFunction,
    Failure,
    Resources,
    Result,
    Stage,
    Stored,
    Workplace,
)
from taskspace.components.exchanged.checkpoint import Checkpoint, Snapshot
from taskspace.components.exchanged.choice import Choice
from taskspace.components.exchanged.finding import Finding, Tone
from taskspace.components.exchanged.study_result import (
    FindingRecord,
    MissingCell,
    Number,
    Record,
    StudyResult,
)
from taskspace.components.executor import Assignment, Crew, Executor, Report, worker_environment
from taskspace.components.gating import Gating
from taskspace.components.part import Part
from taskspace.components.readout import OwnLoss, Readout
from taskspace.components.solver import Limits, Solution, Solver, Status
from taskspace.components.study import Answer, Job, Outcomes, Planner, Study
from taskspace.components.task import (
    BoxHead,
    DenseHead,
    Example,
    Head,
    Loss,
    Task,
    VectorHead,
)
from taskspace.components.transferability.embedding import Embedding, LabelledImages, TaskEmbedding
from taskspace.components.transferability.score import Evidence, LabelledFeatures, Score
from taskspace.components.weighting import Weighting

KINDS: dict[str, type[Component]] = {
    kind.kind: kind
    for kind in (
        Dataset,
        Task,
        Encoder,
        Readout,
        Gating,
        Weighting,
        Generator,
        Classifier,
        Lexicon,
        Embedding,
        Score,
        Solver,
        Executor,
        Study,
    )
}
"""Every kind by its name; hook, reference in jobs, checks and listing follow from it."""

__all__ = [
    "API_VERSION",
    "JSON",
    "KINDS",
    "RESERVED_KEYS",
    "Answer",
    "Assignment",
    "BoxHead",
    "Call",
    "Cell",
    "CellFunction",
    "Checkpoint",
    "Choice",
    "Classifier",
    "Component",
    "ComponentSpec",
    "Compositions",
    "Crew",
    "Dataset",
    "DenseHead",
    "Embedding",
    "Encoder",
    "EncoderStage",
    "Evidence",
    "Example",
    "Executor",
    "Failure",
    "Field",
    "Finding",
    "FindingRecord",
    "Gating",
    "Generator",
    "Head",
    "Installable",
    "Job",
    "JobPath",
    "JobRun",
    "LabelledFeatures",
    "LabelledImages",
    "Lexicon",
    "Limits",
    "Loss",
    "MissingCell",
    "Number",
    "NumberSpan",
    "Outcomes",
    "OwnLoss",
    "Part",
    "Planner",
    "Readout",
    "Record",
    "Report",
    "Resources",
    "Result",
    "Sample",
    "Score",
    "Shape",
    "Snapshot",
    "Solution",
    "Solver",
    "SourceText",
    "Stage",
    "Status",
    "Stored",
    "Study",
    "StudyResult",
    "Task",
    "TaskEmbedding",
    "Tone",
    "VectorHead",
    "Weighting",
    "Workplace",
    "hook_name",
    "hookimpl",
    "stable_seed",
    "worker_environment",
]
