"""What holds for a readout."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from taskspace.components import DenseHead, Readout, VectorHead
from taskspace.testing.checks.network import Build, network_checks
from taskspace.testing.subject import NotApplicable, Subject

_CODES = ((8, 4, 4), (24, 4, 4))
"""The code of one image; the codes of three sources, or of three views, channelwise."""

_HEADS = (VectorHead(5), DenseHead(2), DenseHead(2, stride=2), DenseHead(2, stride=4))
"""A map with a place for each 4x4 pixels of an 8x8 image is coarser than a code of 4x4 cells."""


def _builds(subject: Subject) -> Iterator[Build]:
    readout = subject.made(Readout)
    if (reason := readout.missing()) is not None:
        raise NotApplicable(reason)
    if readout.own_loss:
        raise NotApplicable("What its networks predict has a shape of its own, as has their loss.")
    for image in subject.images:
        for code in _CODES:
            for head in (head for head in _HEADS if readout.misfit(head) is None):
                build = partial(readout.build, code, head, image)
                yield Build(f"{head} of {image} from {code}", build, code, head.shape(image))


globals().update(network_checks(_builds))
