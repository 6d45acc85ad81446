"""One small network of one task, with its experts alone, as files that need nothing but torch."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskspace.components import Choice, Planner, Stored, Task
from taskspace.errors import NotFound, RunError
from taskspace.jobs import nearest
from taskspace.studies.multitask.job import MultitaskJob
from taskspace.studies.multitask.plan.cells import MultitaskPlan, Trial, plan_of
from taskspace.whole_file import write_whole

if TYPE_CHECKING:
    from torch import Tensor, nn

    from taskspace.components.gated import GatedNetwork, Layers

TOLERANCE = 1e-6
"""By how much the small network may differ from the whole one, for outputs of around 1."""
ENDINGS = (".safetensors", ".pt2")
COMPARED = 64
"""Samples on which they are compared."""


@dataclass(frozen=True)
class Wanted:
    """Which network to export.

    None stands for the most samples, the first repetition, and the rule that is reported.
    """

    scheme: str
    task: str
    size: int | None = None
    seed: int | None = None
    rule: Choice | None = None


@dataclass(frozen=True)
class Exported:
    """What was written, and how it compares with the network that it comes from.

    Attributes:
        experts: how many are left, of all in every layer together.
        parameters: of the small network and of the whole one.
        multiply_adds: of the small network for a sample, its head included.
        difference: the largest, between outputs of both on samples of the dataset.
        image: the shape (C, H, W) that it takes, of numbers from 0 to 1.
        classes: what its outputs stand for, where they are classes; else none.
    """

    weights: Path
    program: Path
    scheme: str
    task: str
    size: int
    seed: int
    rule: Choice
    experts: tuple[int, int]
    parameters: tuple[int, int]
    multiply_adds: int
    difference: float
    image: tuple[int, ...]
    classes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain JSON."""
        return asdict(self) | {"weights": str(self.weights), "program": str(self.program)}


def export_task(
    job: MultitaskJob, planner: Planner, result_of: Callable[[str], Stored], wanted: Wanted,
    out: Path,
) -> Exported:  # fmt: skip
    """Write OUT.safetensors, the weights, and OUT.pt2, a program for `torch.export.load`.

    Args:
        result_of: from a cell's key to its result; raises KeyError where there is none.
        out: the files' path without an ending, or a folder, in which they get the task's name.

    Raises:
        NotFound: if the job has no such scheme, task or training, it has no result, or there is no
            folder for the files.
        RunError: if the small network says something else than the whole one.
        OSError: if the files cannot be written.
    """
    from safetensors.torch import save  # noqa: PLC0415  imports torch

    from taskspace.components.multiply_adds import multiply_adds  # noqa: PLC0415

    plan = plan_of(job, planner)
    if wanted.task not in plan.tasks:
        raise _unknown("task", wanted.task, plan.tasks)
    number = list(plan.tasks).index(wanted.task)
    trial, stored = _trial(plan, wanted, result_of)
    network = _network(plan, trial.scheme, stored)
    rule = wanted.rule or job.rules[0]
    chosen = network.choose(rule)
    small = network.export(number, chosen)
    images = plan.dataset.read(_some(plan), {"image"})["image"]
    program = _program(small, images[:2])
    difference = _difference(network, chosen, number, program, images)
    tensors = {name: tensor.contiguous().clone() for name, tensor in small.state_dict().items()}
    task = plan.tasks[wanted.task]
    classes = _classes(plan, task)
    said = {
        "job": job.name,
        "scheme": wanted.scheme,
        "task": wanted.task,
        "input": f"[B, {', '.join(map(str, images.shape[1:]))}], float32, 0 to 1",
        "component": json.dumps({"use": task.name, **task.model_dump(mode="json")}),
        "classes": json.dumps(classes, ensure_ascii=False),
    }
    files = _files(out, wanted.task)
    contents = save(tensors, said), _saved(program)
    for file, content in zip(files, contents, strict=True):
        write_whole(file, content)
    probabilities = network.probabilities()
    return Exported(
        *files,
        wanted.scheme,
        wanted.task,
        stored.record["samples"],
        trial.seed,
        rule,
        (sum(int(c[number].sum()) for c in chosen), sum(p.shape[1] for p in probabilities)),
        (_count(small), _count(network)),
        multiply_adds(small, images.shape[1:]),
        difference,
        tuple(images.shape[1:]),
        classes,
    )


def _trial(
    plan: MultitaskPlan, wanted: Wanted, result_of: Callable[[str], Stored]
) -> tuple[Trial, Stored]:
    """Return the training that is meant, and its result.

    A job that does not say `sizes` trains on all samples, however many that turned out to be.
    """
    if wanted.scheme not in plan.schemes:
        raise _unknown("scheme", wanted.scheme, plan.schemes)
    own = [trial for trial in plan.trials if trial.scheme == wanted.scheme]
    same = [trial for trial in own if wanted.seed in (None, trial.seed)]
    if not same:
        present = ", ".join(map(str, plan.job.repetitions()))
        raise NotFound(
            f"There is no repetition {wanted.seed}; the job has {present}.",
            advice="Give one of these with --seed.",
        )
    same.sort(key=lambda trial: -(trial.size or 0))  # the most samples first, then the first seed
    if wanted.size is not None:
        sizes = {t: t.size or _result(plan, t, result_of).record["samples"] for t in same}
        same = [trial for trial in same if sizes[trial] == wanted.size]
        if not same:
            present = ", ".join(map(str, sorted(set(sizes.values()))))
            raise NotFound(
                f"No network was trained on {wanted.size} samples; there are some of {present}.",
                advice="Give one of these with --size.",
            )
    return same[0], _result(plan, same[0], result_of)


def _classes(plan: MultitaskPlan, task: Task) -> tuple[str, ...]:
    """Return the names of the classes that a task tells apart; none where it predicts others.

    They are those of a field whose labels are the task's own targets.
    """
    fields = plan.dataset.fields()
    sample = plan.dataset.read(_some(plan), task.needs(fields) | {"image"})
    target = task.target(sample)
    for name in sorted(task.needs(fields)):
        classes, label = fields[name].classes, sample[name]
        if classes is not None and label.shape == target.shape and bool((label == target).all()):
            return classes
    return ()


def _files(out: Path, task: str) -> tuple[Path, Path]:
    if out.is_dir():
        out /= task
    if out.suffix in ENDINGS:
        out = out.with_suffix("")
    if not out.parent.is_dir():
        raise NotFound(f"There is no folder {out.parent}.", advice="Make it, or say another --out.")
    weights, program = (Path(f"{out}{ending}") for ending in ENDINGS)
    return weights, program


def _unknown(what: str, name: str, present: Iterable[str]) -> NotFound:
    guess = nearest(name, present)
    return NotFound(
        f"The job has no {what} {name!r}; it has {', '.join(present)}.",
        advice=f"Did you mean {guess!r}?" if guess else None,
    )


def _result(plan: MultitaskPlan, trial: Trial, result_of: Callable[[str], Stored]) -> Stored:
    try:
        return result_of(plan.trials[trial].key)
    except KeyError as error:
        raise NotFound(
            f"The training {trial.name} has no result in this store: it failed, or was never "
            "computed.",
            advice="`tasks show RUN` says which; `tasks rerun RUN` computes what is missing, and "
            "--store says where to look.",
        ) from error


def _network(plan: MultitaskPlan, scheme: str, stored: Stored) -> GatedNetwork:
    from taskspace.learning.networks import seeded  # noqa: PLC0415  imports torch

    heads = [task.head(plan.dataset.fields()) for task in plan.tasks.values()]
    with seeded("export"):
        network = plan.schemes[scheme].build(plan.encoder, plan.readout, plan.image, heads)
    network.load_state_dict(stored.weights())
    network.eval()
    return network


def _some(plan: MultitaskPlan) -> list[int]:
    """Return some samples of the dataset, at least two of them."""
    count = plan.dataset.length()
    return [number % count for number in range(max(2, min(COMPARED, count)))]


def _program(small: nn.Module, images: Tensor) -> Any:
    """Return the network as a program of any batch size."""
    import torch  # noqa: PLC0415

    batch = torch.export.Dim("batch", min=1)
    return torch.export.export(small, (images,), dynamic_shapes=({0: batch},))


def _difference(
    network: GatedNetwork, chosen: Layers, number: int, program: Any, images: Tensor
) -> float:
    """Return the largest difference between the outputs of both.

    Raises:
        RunError: if it is more than rounding explains.
    """
    import torch  # noqa: PLC0415

    asked = torch.zeros(len(images), len(chosen[0]), dtype=torch.bool)
    asked[:, number] = True
    with torch.no_grad():
        whole = network(images, asked, chosen=chosen).predictions[number]
        found = float((program.module()(images) - whole).abs().max())
    if not found <= TOLERANCE * max(1.0, float(whole.abs().max())):
        raise RunError(
            f"The exported network differs from the whole one by {found:g}.",
            advice="Nothing was written. The gating scheme's `export` is wrong; tell its author.",
        )
    return found


def _saved(program: Any) -> bytes:
    import torch  # noqa: PLC0415

    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    return buffer.getvalue()


def _count(network: nn.Module) -> int:
    return sum(tensor.numel() for tensor in network.parameters())
