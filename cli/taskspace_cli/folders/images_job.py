"""A job for a folder of images, from what the images and their labels are."""

from __future__ import annotations

import json
import os
import re
import struct
import warnings
from collections.abc import Iterator, Mapping
from importlib import resources
from math import ceil, log2
from pathlib import Path
from statistics import median
from string import Template
from typing import NamedTuple

import numpy as np
from PIL import Image

from taskspace.components import JSON, ComponentSpec, Dataset, Task
from taskspace.components.exchanged.class_fields import own_fields
from taskspace.errors import InputError
from taskspace.registry import Registry
from taskspace.regular_file import regular_stream
from taskspace_cli.folders.proposal import LabelTasks, labelled, plain_name, propose

FREE = ("autoencoding", "edges_2d", "rotation")
"""Tasks whose labels are computed from any image."""

SHARES = {"train": 0.5, "transfer": 0.15, "select": 0.15, "test": 0.2}
FEWEST_IMAGES = 5
"""Fewer leave a split empty."""

MOST_TRANSFER_IMAGES = 1000
_STEPS = 400
_BLOCK = 256
_YAML_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
SMALLEST, LARGEST = 8, 64
"""Pixels a side: what networks can halve twice, and what trains in minutes without a GPU."""

MOST_FILES = 1000
"""Headers that are read, evenly spaced in the order of names."""

_GREY = ("1", "L", "LA", "La", "I", "F")
_UNREADABLE = (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError)


class TrainingLength(NamedTuple):
    """How long a network learns from some images."""

    epochs: int
    batch: int


def images_job(images: Path, folder: Path, registry: Registry) -> str:
    """Return the text of a job for `images` that will stand in `folder`.

    Raises:
        InputError: if the folder or its labels cannot be used, or there are too few images.
    """
    dataset = registry.component(ComponentSpec("dataset", "image_folder", {"root": str(images)}))
    assert isinstance(dataset, Dataset)
    count = dataset.length()
    labels = _labels(dataset)
    if count < FEWEST_IMAGES:
        raise InputError(
            f"{count} image{'' if count == 1 else 's'} cannot be divided into "
            f"{len(SHARES)} splits; at least {FEWEST_IMAGES} are needed.",
            where=str(images),
            advice="Add images: from a few hundred on, results say something.",
        )
    shape = usual_shape(images)
    if shape is None:
        dataset.fingerprint()  # It names the files that are no images.
        shape = ImageShape(64, 3)
    free = _free(dataset, registry)
    proposal = propose(dataset.fields(), labels, FREE)
    train, transfer = (int(SHARES[name] * count) for name in ("train", "transfer"))
    some = f"images: {MOST_TRANSFER_IMAGES}, " if transfer > MOST_TRANSFER_IMAGES else ""
    learning, reading = (schedule(n) for n in (train, min(transfer, MOST_TRANSFER_IMAGES)))
    paid = len(proposal.tasks)
    template = resources.files("taskspace_cli").joinpath("templates", "images.yaml.txt")
    return Template(template.read_text("utf-8")).substitute(
        images=f"{count:,}",
        name=plain_name(images.resolve().name, "my-images"),
        root=scalar(_root(images, folder)),
        size=shape.size,
        channels=shape.channels,
        tasks="\n".join(f"  {line}" for line in _task_lines(proposal, labels, free)),
        factor=4 if shape.size < 32 else 8,
        splits=flow(SHARES),
        train=f"epochs: {learning.epochs}, batch: {learning.batch}",
        transfer=f"{some}epochs: {reading.epochs}, batch: {reading.batch}",
        budgets=", ".join(map(str, budgets(paid))),
    )


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


def _labels(dataset: Dataset) -> dict[str, np.ndarray]:
    """Return the labels [N] of each field that has one value an image; no image is read."""
    names = [name for name, field in own_fields(dataset.fields()).items() if not field.shape]
    count = dataset.length()
    blocks = [
        dataset.read(range(start, min(start + _BLOCK, count)), set(names))
        for start in range(0, count if names else 0, _BLOCK)
    ]
    return {name: np.concatenate([block[name].numpy() for block in blocks]) for name in names}


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
    proposal: LabelTasks, labels: Mapping[str, np.ndarray], free: list[str]
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
    for field, reason in proposal.left_out.items():
        yield f"# Left out: {scalar(field)}, because {reason}."
    yield "# Their labels are computed from the image and cost nothing."
    if proposal.tasks:
        yield "# Sources only: worth learning from, not worth having (`role: both` for that, too)."
    for name in free:
        yield f"- {flow({'use': name, 'role': 'source'})}" if proposal.tasks else f"- {name}"


class ImageShape(NamedTuple):
    """What networks should see: `size` x `size` pixels with 1 or 3 channels."""

    size: int
    channels: int


def usual_shape(root: Path) -> ImageShape | None:
    """Return the shape that suits most images below `root`; None where no header can be read.

    The size is the power of two that is nearest to the median of the shorter sides. One image
    with colours gives all of them colours.
    """
    sides, grey = [], True
    for file in _some(sorted(_files(root))):
        try:
            with warnings.catch_warnings():
                # A large image is no danger as long as it is not decoded.
                warnings.simplefilter("ignore")
                with regular_stream(file) as stream, Image.open(stream) as image:
                    sides.append(min(image.size))
                    grey = grey and image.mode.partition(";")[0] in _GREY
        except _UNREADABLE:
            continue
    if not sides:
        return None
    size = 2 ** round(log2(max(median(sides), 1)))
    return ImageShape(min(max(size, SMALLEST), LARGEST), 1 if grey else 3)


def _files(root: Path) -> Iterator[Path]:
    endings = Image.registered_extensions()
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in endings:
                yield Path(folder, name)


def _some(files: list[Path]) -> list[Path]:
    count = min(len(files), MOST_FILES)
    return [files[place * len(files) // count] for place in range(count)]
