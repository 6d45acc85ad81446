"""What holds for a readout."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from taskspace.components import DenseHead, Readout, VectorHead
from taskspace.registry.conformance.network import Build, network_checks
from taskspace.registry.conformance.subject import Subject

_CODES = ((8, 4, 4), (24, 4, 4))
"""One source's code, and three sources' channelwise."""


def _builds(subject: Subject) -> Iterator[Build]:
    readout = subject.made(Readout)
    for image in subject.images:
        for code in _CODES:
            vector, dense = VectorHead(5), DenseHead(2)
            yield Build(
                f"{vector} from {code}", partial(readout.build, code, vector, image), code, (5,)
            )
            yield Build(
                f"{dense} of {image} from {code}",
                partial(readout.build, code, dense, image),
                code,
                (2, *image[1:]),
            )


CHECKS = network_checks(_builds)
