"""One way to have a target: from the encoders of its sources, or by its supervised network."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self, SupportsFloat

from taskspace.components import JSON
from taskspace.errors import InputError

_RECORD = "A transfer is {target, sources, value}, and may have gain, quality and cost."


@dataclass(frozen=True, slots=True)
class Transfer:
    """A way to have a target: from its sources, or ({t}, t) for the supervised network.

    Attributes:
        value: the coefficient of the objective, larger is better.
        gain: win rate against training from scratch, in [0, 1].
        quality: win rate against the supervised network, in [0, 1].
        cost: l_i, what the labels cost that it is trained with; counted in the budget.
    """

    target: str
    sources: tuple[str, ...]
    value: float
    gain: float | None = None
    quality: float | None = None
    cost: float = 0.0

    @property
    def is_supervised(self) -> bool:
        """Return whether this is the supervised network of its target."""
        return self.sources == (self.target,)

    def as_json(self) -> dict[str, JSON]:
        """Return the transfer as plain JSON."""
        return {
            "target": self.target,
            "sources": list(self.sources),
            "value": self.value,
            "gain": self.gain,
            "quality": self.quality,
            "cost": self.cost,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Return the transfer of a record {target, sources, value, gain?, quality?, cost?}.

        Raises:
            InputError: if a key is missing, unknown, or of another type than it should be.
        """
        if not isinstance(record, Mapping):
            raise InputError(
                f"A transfer is {record!r}.",
                advice=_RECORD,
            )
        unknown = set(record) - {"target", "sources", "value", "gain", "quality", "cost"}
        missing = {"target", "sources", "value"} - set(record)
        if unknown or missing:
            fault = f"has no {_listed(missing)}" if missing else f"has a key {_listed(unknown)}"
            raise InputError(
                f"The transfer {dict(record)!r} {fault}.",
                advice=_RECORD,
            )
        if isinstance(record["sources"], str):
            raise InputError(
                f"The sources of a transfer into {record['target']!r} are the text "
                f"{record['sources']!r}.",
                advice="Give a list of names, also for one source.",
            )
        return cls(
            str(record["target"]),
            tuple(str(source) for source in record["sources"]),
            _number(record, "value"),
            _share(record, "gain"),
            _share(record, "quality"),
            _number(record, "cost") if record.get("cost") is not None else 0.0,
        )


def _number(record: Mapping[str, Any], key: str) -> float:
    value = record[key]
    if isinstance(value, bool) or not isinstance(value, SupportsFloat):
        raise InputError(
            f"The {key} of the transfer {'+'.join(map(str, record['sources']))} -> "
            f"{record['target']} is {value!r}, which is no number."
        )
    return float(value)


def _share(record: Mapping[str, Any], key: str) -> float | None:
    """Return a win rate; None and NaN, which pandas writes for what is absent, are unknown."""
    if record.get(key) is None:
        return None
    number = _number(record, key)
    return None if math.isnan(number) else number


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names))
