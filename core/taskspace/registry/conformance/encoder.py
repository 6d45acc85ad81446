"""What holds for an encoder."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from taskspace.components import Encoder
from taskspace.registry.conformance.network import Build, network_checks
from taskspace.registry.conformance.subject import Subject, require, returned


def code_shape_is_declared(subject: Subject) -> None:
    """The shape of the code is three positive numbers, the same each time."""
    encoder = subject.made(Encoder)
    for image in subject.images:
        first, second = encoder.code_shape(image), encoder.code_shape(image)
        returned("code_shape()", first, tuple, "a tuple (C, H, W)")
        require(first == second, f"{image}: asked twice, the code is {first} and {second}.")
        require(len(first) == 3 and min(first) > 0, f"{image}: the code is {first}.")


def _builds(subject: Subject) -> Iterator[Build]:
    encoder = subject.made(Encoder)
    for image in subject.images:
        yield Build(
            f"image {image}", partial(encoder.build, image), image, encoder.code_shape(image)
        )


CHECKS = (code_shape_is_declared, *network_checks(_builds))
