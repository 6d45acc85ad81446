"""The parameters with which a component is tried where its author says none."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from taskspace.components import Component, Lexicon
from taskspace.layout.domains import DOMAINS
from taskspace.testing.checks.words import ATTRIBUTES, OBJECTS

IMAGES = DOMAINS["image"]
CIFAR_10 = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
CIFAR_100 = ("train.bin", "test.bin")
VECTORS = "vectors.txt"
COARSE_AND_FINE = ((4, 0), (1, 1), (14, 2), (8, 3))
"""Four classes of CIFAR-100 under their superclasses."""


class Values:
    """Chooses parameters; close it after use.

    Args:
        folder: against which the paths that an author gives are read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Remove the pictures, where there are any."""
        if self._scratch is not None:
            self._scratch.cleanup()

    def of(self, cls: type[Component], said: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is said, and a value for what else must be set or has an example.

        That is the first of its `examples`; for a required path without examples a folder of
        pictures, and for that of a lexicon a text file of word vectors.
        """
        schema = cls.model_json_schema()
        properties: Mapping[str, Any] = schema.get("properties", {})
        values = {
            name: str(self._folder / value)
            if isinstance(value, str) and _is_path(properties.get(name, {}))
            else value
            for name, value in said.items()
        }
        values = with_examples(schema, values)
        for name in schema.get("required", ()):
            if name not in values and _is_path(properties[name]):
                file = f"/{VECTORS}" if cls.kind == Lexicon.kind else ""
                values[name] = self._pictures + file
        return values

    @cached_property
    def _pictures(self) -> str:
        self._scratch = tempfile.TemporaryDirectory(prefix="taskspace-pictures-")
        write_pictures(Path(self._scratch.name))
        return self._scratch.name


def with_examples(schema: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said, and for each other parameter with `examples` the first of them."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    examples = {name: part.get("examples") for name, part in properties.items()}
    return {name: listed[0] for name, listed in examples.items() if listed} | dict(said)


def _is_path(schema: Mapping[str, Any]) -> bool:
    forms = (schema, *schema.get("anyOf", ()))
    return any(form.get("format") in ("path", "file-path", "directory-path") for form in forms)


def write_pictures(folder: Path) -> None:
    """Write twelve pictures in two class folders, with numbers and words in labels.csv.

    The sixth picture has no number, so that missing labels are tried too. Paths are those of images
    in the official layout of Taskonomy, and beside them are four records in each file of the binary
    layout of CIFAR, so that the folder serves who reads those as well; a file has word vectors in
    the form of GloVe.
    """
    import numpy as np  # noqa: PLC0415  only where a component asks for a path
    from PIL import Image  # noqa: PLC0415

    draw = np.random.default_rng(0)
    rows = ["path,weight,kind"]
    for index in range(12):
        kind = "cats" if index % 2 else "dogs"
        name = f"{kind}/{IMAGES.folder}/{IMAGES.file(index, 0)}"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 255, (20, 24, 3), dtype=np.uint8)).save(folder / name)
        rows.append(f"{name},{'' if index == 5 else index / 4},{'old' if index % 3 else 'new'}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    for name in (*CIFAR_10, *CIFAR_100):
        labels = (pair if name in CIFAR_100 else pair[1:] for pair in COARSE_AND_FINE)
        records = (bytes(told) + draw.bytes(3 * 32 * 32) for told in labels)
        (folder / name).write_bytes(b"".join(records))
    numbers = {word: draw.normal(size=8) for word in (*ATTRIBUTES, *OBJECTS)}
    lines = (f"{word} {' '.join(f'{x:.4f}' for x in row)}\n" for word, row in numbers.items())
    (folder / VECTORS).write_text("".join(lines), encoding="utf-8")
