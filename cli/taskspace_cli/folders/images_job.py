"""A job for a folder of images, from what the images and their labels are."""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Iterator, Mapping
from importlib import resources
from math import ceil, log2
from pathlib import Path
from string import Template
from typing import NamedTuple

import numpy as np

from taskspace.components import JSON, ComponentSpec, Dataset, Field, Finding, Task
from taskspace.components.exchanged.class_fields import own_fields
from taskspace.errors import InputError
from taskspace.learning.checking.samples import Listener, LookedAt, look_at
from taskspace.registry import Registry
from taskspace_cli.folders.image_shape import ImageShape, usual_shape
from taskspace_cli.folders.proposal import (
    FEWEST_OF_A_CLASS,
    LabelTasks,
    labelled,
    plain_name,
    propose,
    rare_classes,
)

FREE = ("autoencoding", "edges_2d", "rotation")
"""Tasks whose labels are computed from any image."""

SHARES = {"train": 0.5, "transfer": 0.15, "select": 0.15, "test": 0.2}
FEWEST_IMAGES = 5
"""Fewer leave a split empty."""

MOST_TRANSFER_IMAGES = 1000
_STEPS = 400
ROWS_LEFT_OUT = "rows-without-image"
"""The code of the finding for which a job says that such rows are left out."""

NAMED = 5
"""Images and classes that a comment names."""

WIDEST = 100
"""Characters of a comment's line."""

_YAML_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class TrainingLength(NamedTuple):
    """How long a network learns from some images."""

    epochs: int
    batch: int


class ImagesJob(NamedTuple):
    """The text of a job for a folder of images, and what a reader must know of the images."""

    text: str
    findings: tuple[Finding, ...]


def images_job(
    images: Path, folder: Path, registry: Registry, listener: Listener | None = None
) -> ImagesJob:
    """Return a job for `images` that will stand in `folder`; every image is read once.

    Raises:
        InputError: if the folder or its labels cannot be used, or there are too few images.
    """
    parameters: dict[str, JSON] = {"root": str(images), "rows_without_image": "skip"}
    dataset = registry.component(ComponentSpec("dataset", "image_folder", parameters))
    assert isinstance(dataset, Dataset)
    told = dataset.findings()
    looked = look_at(dataset, _label_fields(dataset.fields()), listener)
    broken = [each.sample for each in looked.unreadable]
    count = looked.samples - len(broken)
    labels = {
        name: np.delete(each.values, broken)
        for name, each in looked.fields.items()
        if each.values is not None
    }
    if not count:
        dataset.fingerprint()  # It names the files that are no images.
    if count < FEWEST_IMAGES:
        raise InputError(
            f"{count} image{'' if count == 1 else 's'} cannot be divided into "
            f"{len(SHARES)} splits; at least {FEWEST_IMAGES} are needed.",
            where=str(images),
            advice="Add images: from a few hundred on, results say something.",
        )
    shape = usual_shape(images)
    if shape is None:
        shape = ImageShape(64, 3)
    free = _free(dataset, registry)
    proposal = propose(dataset.fields(), labels, FREE)
    train, transfer = (int(SHARES[name] * count) for name in ("train", "transfer"))
    some = f"images: {MOST_TRANSFER_IMAGES}, " if transfer > MOST_TRANSFER_IMAGES else ""
    learning, reading = (schedule(n) for n in (train, min(transfer, MOST_TRANSFER_IMAGES)))
    paid = len(proposal.tasks)
    findings = (*told, *_broken(looked))
    skips = [
        *(["unreadable"] if broken else []),
        *(["rows_without_image"] if any(each.code == ROWS_LEFT_OUT for each in told) else []),
    ]
    template = resources.files("taskspace_cli").joinpath("templates", "images.yaml.txt")
    text = Template(template.read_text("utf-8")).substitute(
        images=f"{count:,}",
        notes="".join(f"{line}\n" for each in findings for line in _comment(each.line())),
        skip="".join(f"\n  {name}: skip  # see above" for name in skips),
        name=plain_name(images.resolve().name, "my-images"),
        root=scalar(_root(images, folder)),
        size=shape.size,
        channels=shape.channels,
        tasks="\n".join(f"  {line}" for line in _task_lines(proposal, looked, labels, free)),
        factor=4 if shape.size < 32 else 8,
        splits=flow(SHARES),
        train=f"epochs: {learning.epochs}, batch: {learning.batch}",
        transfer=f"{some}epochs: {reading.epochs}, batch: {reading.batch}",
        budgets=", ".join(map(str, budgets(paid))),
    )
    return ImagesJob(text, findings)


def schedule(images: int) -> TrainingLength:
    """Return a few hundred steps for this many images: up to 64 a step, 10 to 60 passes."""
    images = max(images, 1)
    eighth = 2 ** int(log2(max(images / 8, 1)))
    batch = min(max(eighth, 8), 64, images)
    epochs = ceil(_STEPS / ceil(images / batch))
    return TrainingLength(min(max(epochs, 10), 60), batch)


def budgets(paid: int) -> list[int]:
    """Return 1, 2, 3, 4, 6, 8, 12, 16, ... below a number of tasks whose labels cost 1 each.

    One task has no budget between nothing and all: 0 and 1. Where nothing costs, 0.
    """
    if paid < 2:
        return list(range(paid + 1))
    steps = [1, 2, 3, 4]
    while steps[-1] < paid:
        steps.append(steps[-2] * 2)
    return [step for step in steps if step < paid]


def flow(mapping: Mapping[str, JSON]) -> str:
    """Return a mapping of scalars as YAML on one line."""
    return f"{{{', '.join(f'{key}: {scalar(value)}' for key, value in mapping.items())}}}"


def scalar(value: JSON) -> str:
    """Return a number or a text as YAML on one line; quoted only where it has to be."""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if not isinstance(value, str):
        return json.dumps(value)
    plain = re.fullmatch(r"(\.{0,2}/)*[^\W\d](?:[\w./ -]*[\w./-])?", value)
    if plain and value.isprintable() and value.lower() not in _YAML_WORDS:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def _label_fields(fields: Mapping[str, Field]) -> set[str]:
    """Return the fields of one value an image, each label once: as numbers where it is a number."""
    return {name for name, field in own_fields(fields).items() if not field.shape}


def _broken(looked: LookedAt) -> Iterator[Finding]:
    """Yield which images are broken and left out, where there are any."""
    broken = looked.unreadable
    if broken:
        first = "; ".join(each.problem.rstrip(".") for each in broken[:NAMED])
        more = ", ..." if len(broken) > NAMED else ""
        one = len(broken) == 1
        yield Finding(
            "files-not-read",
            "warning",
            f"{len(broken):,} of {looked.samples:,} images {'is' if one else 'are'} left out: "
            f"{first}{more}.",
        )


def _comment(text: str) -> list[str]:
    """Return a text as lines of a comment, whatever stands in it."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return textwrap.wrap(plain, WIDEST, initial_indent="# ", subsequent_indent="# ")


def _free(dataset: Dataset, registry: Registry) -> list[str]:
    """Return those of the free tasks that no label of the dataset takes the place of."""
    fields = dataset.fields()
    tasks = {name: registry.component(ComponentSpec("task", name, {})) for name in FREE}
    return [
        name
        for name, task in tasks.items()
        if isinstance(task, Task) and task.needs(fields) <= {"image"}
    ]


def _root(images: Path, folder: Path) -> str:
    """Return the path from the job to the images; absolute where they share no folder.

    Raises:
        InputError: if it cannot be written down.
    """
    # What follows a link to a folder is read in the folder that it leads to.
    target, base = images.resolve(), folder.resolve()
    if target.anchor == base.anchor and target.parts[1:2] == base.parts[1:2]:
        path = Path(os.path.relpath(target, base)).as_posix()
    else:
        path = target.as_posix()
    try:
        path.encode()
    except UnicodeEncodeError:
        raise InputError(
            "The name of this folder is not UTF-8, so no job can name it.",
            where=repr(str(images)),
            advice="Rename the folder.",
        ) from None
    return target.as_posix() if path.startswith("~") else path


def _task_lines(
    proposal: LabelTasks, looked: LookedAt, labels: Mapping[str, np.ndarray], free: list[str]
) -> Iterator[str]:
    if proposal.tasks:
        yield "# Change each label_cost to what one label of that task costs you, in any unit."
        if any("scale" in task for task in proposal.tasks):
            yield "# Numbers are learned as (number - offset) / scale: their mean and deviation."
    else:
        yield "# No label gives a task: add class subfolders, or a labels.csv with more columns."
    for task in proposal.tasks:
        values = labels[str(task["field"])]
        present = values[labelled(values)]
        classes = "" if "scale" in task else f"{len(np.unique(present))} classes, "
        yield f"- {flow(task)}  # {classes}{len(present):,} labels"
        yield from _about_labels(task["field"], looked.fields[str(task["field"])].field, present)
    for field, reason in proposal.left_out.items():
        yield f"# Left out: {scalar(field)}, because {reason}."
    yield "# Their labels are computed from the image and cost nothing."
    if proposal.tasks:
        yield "# Sources only: worth learning from, not worth having (`role: both` for that, too)."
    for name in free:
        yield f"- {flow({'use': name, 'role': 'source'})}" if proposal.tasks else f"- {name}"


def _about_labels(name: JSON, declared: Field, present: np.ndarray) -> Iterator[str]:
    """Yield as comments what a reader may decide otherwise about a field's labels [n]."""
    rare = [] if declared.classes is None else rare_classes(present, declared.classes)
    if rare:
        more = f" and {len(rare) - NAMED:,} more" if len(rare) > NAMED else ""
        yield (
            f"# Few images: {', '.join(map(scalar, rare[:NAMED]))}{more} of these classes; below "
            f"{FEWEST_OF_A_CLASS} one is not in every split."
        )
    if declared.as_classes is not None:
        yield f"# Whole numbers; as classes: {flow({'use': 'classification', 'field': name})}"
