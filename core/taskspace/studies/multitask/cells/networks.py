"""One scheme, trained on one set of samples: the cell that all figures come from."""

from __future__ import annotations

import numpy as np
import torch

from taskspace.components import (
    JSON,
    Call,
    Choice,
    Dataset,
    Encoder,
    Gating,
    Readout,
    Result,
    Weighting,
)
from taskspace.components.gated import GatedNetwork, Layers
from taskspace.components.multiply_adds import multiply_adds
from taskspace.errors import CellError
from taskspace.learning.examples import image_shape
from taskspace.learning.networks import seeded, settled
from taskspace.learning.samples import growing_order, strata_of
from taskspace.learning.splits import call_split
from taskspace.studies.multitask.cells.data import (
    labelled,
    labels,
    load,
    task_count,
    tasks_of,
)
from taskspace.studies.multitask.cells.evaluation import Scores, require_finite, score
from taskspace.studies.multitask.cells.learner import Course, Draws, GatedLearner
from taskspace.studies.multitask.cells.training import train
from taskspace.studies.multitask.job import MultitaskTraining


def train_network(call: Call) -> Result:
    """Train a scheme on as many samples as the cell says, and test it by every rule.

    The record holds what is equal for equal cells, and under `timing` what is not. The arrays
    `probabilities<layer>` are [N, M].
    """
    with settled(call.cpus):
        tasks, names = tasks_of(call), call.parameters["tasks"]
        judges = call_split(call).test
        tests = load(call, judges[labelled(call)[judges].any(axis=1)])
        samples = load(call, training_samples(call))
        network = build_network(call)
        seed, image = call.parameters["seed"], image_shape(call)
        learner = GatedLearner(
            network=network,
            weights=call.component("weighting", Weighting).build(len(tasks)).to(call.device),
            tasks=tasks,
            names=names,
            data=samples,
            image=image,
            draws=Draws.of(seed),
            where=call.name,
            checkpoint=call.checkpoint,
        )
        rules: list[Choice] = call.parameters["rules"]
        training = MultitaskTraining(**call.parameters["train"])

        def test() -> list[float | None] | None:
            if training.eval_every is None:
                return None
            return score(network, tasks, tests, network.choose(rules[0])).metric

        course = train(learner, training, test)
        evaluation: dict[str, JSON] = {}
        known: list[tuple[Layers, Scores]] = []
        for rule in rules:
            chosen = network.choose(rule)
            scores = next((found for kept, found in known if _equal(kept, chosen)), None)
            scores = scores or score(network, tasks, tests, chosen)
            require_finite(scores, names, call.name)
            known.append((chosen, scores))
            evaluation[rule] = scores._asdict() | {"kept": [c.sum(dim=1).tolist() for c in chosen]}
        first = known[0][0]
        record: dict[str, JSON] = {
            **_record(network, course),
            "samples": len(samples.labelled),
            "evaluation": evaluation,
            # Of each task's small network, for a sample: all that it runs.
            "deployed": [multiply_adds(network.export(n, first), image) for n in range(len(tasks))],
        }
        layers = enumerate(network.probabilities())
        arrays = {f"probabilities{n}": layer.cpu().numpy() for n, layer in layers}
        return Result(record, arrays, network.state_dict())


def _record(network: GatedNetwork, course: Course) -> dict[str, JSON]:
    probabilities = [layer.cpu() for layer in network.probabilities()]
    return {
        "curve": {"step": course.ends, "loss": course.losses, "metric": course.metrics},
        "expected": [layer.sum(dim=1).tolist() for layer in probabilities],
        "experts": [layer.shape[1] for layer in probabilities],
        "multiply_adds": course.multiply_adds,
        "parameters": sum(weights.numel() for weights in network.parameters()),
        "timing": {"seconds_per_step": course.seconds},
    }


def build_network(call: Call) -> GatedNetwork:
    """Return the network of the call with the weights that its seed decides.

    Raises:
        InputError: if the encoder has fewer stages than the scheme has layers.
    """
    fields = call.component("dataset", Dataset).fields()
    with seeded(call.parameters["seed"], "network"):
        network = call.component("gating", Gating).build(
            call.component("encoder", Encoder),
            call.component("readout", Readout),
            image_shape(call),
            [task.head(fields) for task in tasks_of(call)],
        )
    return network.to(call.device)


def training_samples(call: Call) -> np.ndarray:
    """Return the numbers of the samples that the cell trains on, int64, sorted.

    Raises:
        CellError: if a task has no label among them, or there are fewer samples with labels.
    """
    present = labelled(call)
    pool = call_split(call).train
    pool = pool[present[pool].any(axis=1)]
    size = call.parameters["size"]
    names = call.parameters["tasks"]
    if size is not None:
        if size > len(pool):
            raise CellError(
                f"{len(pool)} training samples have a label, and {size} are asked for.",
                where=call.name,
                advice="Ask for fewer in `sizes`.",
            )
        # A label that is missing is a stratum of its own, as is one that is no class.
        columns = [_stratum(call, number, pool, present) for number in range(task_count(call))]
        order = growing_order(strata_of(columns), call.parameters["seed"] % 2**32)
        pool = np.sort(pool[order[:size]])
    counts = present[pool].sum(axis=0).tolist()
    without = [name for name, count in zip(names, counts, strict=True) if not count]
    if without:
        raise CellError(
            f"None of the {len(pool)} training samples has a label of the task {without[0]!r}.",
            where=call.name,
            advice="Label some, ask for more samples in `sizes`, or leave the task out.",
        )
    return pool


def _stratum(call: Call, number: int, pool: np.ndarray, present: np.ndarray) -> np.ndarray:
    own = labels(call, number)
    if own is None:
        there: np.ndarray = present[pool, number].astype(np.int64)
        return there
    strata: np.ndarray = np.where(present[pool, number], own[pool] + 1, 0)
    return strata


def _equal(one: Layers, other: Layers) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
