"""Searches for tasks: on a sphere, or a free label for each image."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from taskspace.components import Call, Encoder, Result, Shape, Snapshot
from taskspace.errors import CellError
from taskspace.learning.examples import Rows, image_shape, stored_cells, stored_rows
from taskspace.learning.fitting.fit import Pace
from taskspace.learning.frozen.codes import stored_codes
from taskspace.learning.networks import fits, generator, seeded, settled, size_of
from taskspace.studies.discovery.cells.labels import target_ids
from taskspace.studies.discovery.cells.networks import unseeded_network
from taskspace.studies.discovery.cells.rows import call_rows
from taskspace.studies.discovery.maths.controls import balanced_labels
from taskspace.studies.discovery.maths.curve import SKILL, diverged, learning_skill, not_learning
from taskspace.studies.discovery.maths.decodable import DecodableLabels
from taskspace.studies.discovery.maths.free_labels import FreeLabels
from taskspace.studies.discovery.maths.options import Options
from taskspace.studies.discovery.maths.search import AT_ONCE, TaskSearch
from taskspace.studies.discovery.maths.sphere import TaskSphere, orthogonal_directions
from taskspace.studies.discovery.sphere_network import sphere_network


def search_sphere(call: Call) -> Result:
    """Find a set of tasks that differ from each other; return labels, logits and scores of all.

    With no steps the sphere is as it starts, and its classes are balanced. The weights label new
    images.

    Raises:
        CellError: if networks do not learn the tasks, or a loss stops being finite.
    """
    with settled(call.cpus):
        rows = torch.from_numpy(call_rows(call).train)
        every = torch.arange(call.parameters["count"])
        shape, seen = _seen(call)
        draws = generator(call.parameters["seed"], "search")
        with seeded(call.parameters["seed"], "sphere"):
            encoder = (
                call.component("task_network", Encoder) if call.parameters["encoded"] else None
            )
            network = sphere_network(encoder, shape, call.parameters["dimensions"])
        directions = orthogonal_directions(
            call.parameters["tasks"],
            call.parameters["classes"],
            call.parameters["dimensions"],
            draws,
        )
        model = TaskSphere(network, directions).to(call.device)
        learnt = _searched(call, model, seen(rows), draws, rows)
        result = _result(_all_logits(model, seen(every)), learnt, model)
        if not call.parameters["search"]["steps"]:
            # Nothing has spread the points of a fresh network, and where one class has them all
            # any two networks agree.
            scores = result.arrays["scores"].astype(np.float64)
            labels = balanced_labels(scores, call.parameters["classes"], rows.numpy())
            result.arrays["labels"][:] = labels
        return result


def search_free(call: Call) -> Result:
    """Find a label for each image that is learnt from; no other image has one.

    Raises:
        CellError: if networks do not learn the labels, or a loss stops being finite.
    """
    with settled(call.cpus):
        rows = torch.from_numpy(call_rows(call).train)
        tasks, classes = call.parameters["tasks"], call.parameters["classes"]
        draws = generator(call.parameters["seed"], "search")
        model = FreeLabels(len(rows), tasks, classes, draws).to(call.device)
        inputs = torch.empty(len(rows), 0, device=call.device)
        learnt = _searched(call, model, inputs, draws, rows)
        found = model.logits(model(inputs, torch.arange(len(rows)))).detach().cpu()
        labels = np.full((call.parameters["count"], tasks), -1, dtype=np.int16)
        labels[rows.numpy()] = found.argmax(2).numpy()
        return Result({"learnt": learnt}, {"labels": labels})


def _searched(
    call: Call,
    model: nn.Module,
    inputs: Rows,
    draws: torch.Generator,
    rows: Tensor,
) -> float | None:
    """Move the model until the search is done; return how well its networks learnt their tasks."""
    options = Options(**call.parameters["search"])
    if not options.steps:
        return None
    classes = call.parameters["classes"]
    search = TaskSearch(
        model,
        lambda: unseeded_network(call, classes),
        stored_rows(call, "image", "image", rows.numpy()),
        inputs,
        options,
        draws,
        _kept(call, rows.numpy()),
    )
    _resume(call, search)
    pace = Pace(size_of(search.tensors()))
    while not search.done:
        search.step()
        if pace.is_due():
            with pace.measured():
                call.checkpoint.save(Snapshot({"step": len(search.curve)}, search.tensors()))
    if call.parameters.get("control"):
        return learning_skill(search.curve)  # it may end in constants, which is what it shows
    lost, tried = diverged(search.curve), options.steps - options.warm_up
    if options.agreement and 2 * lost > tried:
        raise CellError(
            f"The networks of the search diverge in {lost} of {tried} starts.",
            where=call.name,
            advice=f"Lower `inner_rate` (it is {options.inner_rate:g}).",
        )
    if not_learning(search.curve):
        skill = learning_skill(search.curve)
        raise CellError(
            "The networks do not learn the tasks of the search, so what they agree on says "
            "nothing: of the way from always naming the commonest class to every label right, "
            f"they go {100 * (skill or 0):.0f} %; {100 * SKILL:.0f} % are needed.",
            where=call.name,
            advice=f"Change `inner_rate` first (it is {options.inner_rate:g}): at too high a rate "
            "networks jump, at too low a rate they hardly move; try a fifth of it, then five times "
            f"it. More `inner_steps` (they are {options.inner_steps}) cost in proportion.",
        )
    return learning_skill(search.curve)


def _resume(call: Call, search: TaskSearch) -> None:
    """Go on from the call's checkpoint, if it has one that fits."""
    snapshot = call.checkpoint.load()
    if snapshot is None:
        return
    fresh = search.tensors()
    own = {name: value for name, value in fresh.items() if name != "curve"}
    if "curve" in snapshot.tensors and fits(snapshot.tensors, own):
        search.restore(snapshot.tensors)


def _kept(call: Call, rows: np.ndarray) -> nn.Module | None:
    """Return the heads of the tasks that must stay readable; None where there are none."""
    counts = call.parameters.get("keep")
    if not counts:
        return None
    labels = np.stack(
        [target_ids(call, f"kept{number}_")[rows] for number in range(len(counts))], axis=1
    )
    heads = DecodableLabels(
        torch.from_numpy(labels),
        counts,
        call.parameters["dimensions"],
        call.parameters["keep_weight"],
    )
    return heads.to(call.device)


def _seen(call: Call) -> tuple[Shape, Callable[[Tensor], Rows]]:
    """Return the shape of what the task network sees, and what gives it of some images."""
    if not stored_cells(call, "codes"):
        return image_shape(call), lambda rows: stored_rows(call, "image", "image", rows.numpy())

    def codes(rows: Tensor) -> Tensor:
        values = torch.from_numpy(stored_codes(call, "codes", rows.numpy()))
        return values[:, :, None, None].to(call.device)

    return (stored_cells(call, "codes")[0].array("features").shape[1], 1, 1), codes


@torch.inference_mode()
def _all_logits(model: TaskSphere, inputs: Rows) -> Tensor:
    """Return the logits of all images [N, T, K], on the CPU."""
    model.eval()
    parts = [
        model.logits(model(inputs[rows], rows)).cpu()
        for rows in torch.split(torch.arange(len(inputs)), AT_ONCE)
    ]
    return torch.cat(parts)


def _result(logits: Tensor, learnt: float | None, model: nn.Module) -> Result:
    """Return labels [N, T], logits [N, T, K], and scores [N, T]: the last class above the rest."""
    others = logits[..., :-1].logsumexp(2)
    return Result(
        {"learnt": learnt},
        {
            "labels": logits.argmax(2).numpy().astype(np.int16),
            "logits": logits.numpy(),
            "scores": (logits[..., -1] - others).numpy(),
        },
        model.state_dict(),
    )
