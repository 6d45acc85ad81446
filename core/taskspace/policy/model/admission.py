"""The rows that let no transfer be used without its sources, in three formulations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from taskspace.policy.model.instance import bits
from taskspace.policy.model.serving import Option

Formulation = Literal["strong", "per_source", "paper"]
"""How the model says that a transfer needs its sources; the optimum is the same."""

FORMULATIONS: tuple[Formulation, ...] = get_args(Formulation)


@dataclass(frozen=True, slots=True)
class AdmissionRow:
    """factor * sum of x over `options` <= sum of y over `sources`; positions in the model."""

    factor: float
    options: Sequence[int]
    sources: Sequence[int]


def admission_rows(
    rows: Sequence[tuple[str, Option]], formulation: Formulation
) -> Iterator[AdmissionRow]:
    """Yield the rows of a formulation.

        strong       sum_{i: t_i = t, s in S_i} x_i <= y_s     for each target t and source s
        per_source   x_i <= y_s                                for each i and s in S_i
        paper        |S_i| x_i <= sum_{s in S_i} y_s           for each i (constraint I)

    `strong` is valid because a target takes one transfer. It has the fewest rows, and its
    relaxation is by far the tightest: every point of it is one of `per_source`, and adding up
    the rows of `per_source` for one transfer gives that of `paper`.

    Args:
        rows: target and option, in the order of the variables x.
    """
    if formulation == "paper":
        for i, (_, option) in enumerate(rows):
            sources = list(bits(option.mask))
            yield AdmissionRow(float(len(sources)), [i], sources)
    elif formulation == "per_source":
        for i, (_, option) in enumerate(rows):
            for source in bits(option.mask):
                yield AdmissionRow(1.0, [i], [source])
    else:
        readers: dict[tuple[str, int], list[int]] = {}
        for i, (target, option) in enumerate(rows):
            for source in bits(option.mask):
                readers.setdefault((target, source), []).append(i)
        for (_, source), options in readers.items():
            yield AdmissionRow(1.0, options, [source])
