"""A study of its own: how well a network for each task does on test images."""

from typing import ClassVar, Literal

from taskspace.components import Answer, Dataset, Encoder, Job, Readout, Result, Stage, Study, Task
from taskspace.components.base import hookimpl
from taskspace.components.page import Page, Section, Table
from taskspace.jobs import TaskUses, Use
from taskspace.learning.example_cells import ExampleCells
from taskspace.learning.examples import examples_of
from taskspace.learning.fitting.fit import fit_alone
from taskspace.learning.networks import build_network, measured, settled
from taskspace.learning.splits import call_split
from taskspace.learning.statistics import mean_interval
from taskspace.learning.study_state import StudyState
from taskspace.learning.training import Training
from taskspace.learning.version import learned


def train_network(call):
    with settled(call.cpus):
        network, split = build_network(call), call_split(call)
        training = Training(**call.parameters["train"])
        fit_alone(call, network, examples_of(call, split.train), training)
        losses = measured(network, call, examples_of(call, split.test))
        return Result(losses.record, losses.arrays, network.state_dict())


class SmallJob(Job):
    study: Literal["small"]
    dataset: Use[Dataset]
    tasks: TaskUses
    encoder: Use[Encoder]
    readout: Use[Readout]
    train: Training = Training()


class Small(Study):
    """Trains a network for each task and measures it on test images."""

    name: ClassVar[str] = "small"
    job_model: ClassVar[type[Job]] = SmallJob
    stage_names: ClassVar[tuple[str, ...]] = ("train",)

    def stages(self, job, planner, until):
        dataset = planner.component(job.dataset.spec(), Dataset)
        encoder = planner.component(job.encoder.spec(), Encoder)
        decoder = planner.component(job.readout.spec(), Readout)
        tasks = {use.name: planner.component(use.spec(), Task) for use in job.tasks}
        stored = ExampleCells(planner, dataset, tasks, job.seed)
        network = {"dataset": dataset, "encoder": encoder, "decoder": decoder}
        split = {"share": 0.2, "seed": job.seed}
        cells = {
            name: planner.cell(
                f"train/{name}",
                learned(f"{__name__}:train_network", 1),
                parameters={"train": job.train.parameters(), "split": split, "seed": job.seed},
                components=network | {"task": task},
                inputs=stored.inputs(name) | stored.targets(name),
            )
            for name, task in tasks.items()
        }
        state = StudyState((yield Stage("train", [*stored.cells(), *cells.values()])))
        trained = {name: found for name, cell in cells.items() if (found := state.get(cell))}
        means = {n: mean_interval(found.array("metric"), job.seed) for n, found in trained.items()}
        result = {"study": "small", "name": job.name, "seed": job.seed, "metrics": means}
        return Answer(result, failures=tuple(state.failures()))

    def page(self, result, artifacts):
        rows = [(name, *interval) for name, interval in result["metrics"].items()]
        table = Table("metrics", ["task", "mean", "low", "high"], rows)
        return Page("Small", "Networks on test images", [Section("Tests", [table])], result)


@hookimpl
def taskspace_studies():
    return [Small]
