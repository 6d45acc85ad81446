"""The problem: transfers, what labels cost, and which tasks may be supervised."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, SupportsFloat

from taskspace.components import JSON
from taskspace.errors import InputError
from taskspace.studies.taxonomy.policy.validation import check

Rule = Literal["own", "best"]
"""own: a supervised target uses its own network; best: it may take a better transfer."""

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


@dataclass(frozen=True)
class PolicyProblem:
    """Which tasks to supervise, and which transfer serves each target (Zamir et al. 2018, 3.4).

    Attributes:
        transfers: the values have the coefficient applied already; ({t}, t) is the supervised
            network, which every target needs unless it is target-only.
        importance: r_t by target; 1 where it does not say.
        label_cost: l_v by task that may be supervised; 1 where it does not say.
        source_only: may be supervised and needs no transfer in (colorization, jigsaw).
        target_only: is never supervised and never a source (a novel task). Its transfers cost
            nothing unless they say so: the few labels they need lie outside the budget.
        required: is supervised in every policy.
        forbidden: is supervised in no policy.

    Raises:
        InputError: for numbers that are not finite, negative costs, duplicates, unknown names,
            and targets that nothing can serve at any budget.
    """

    transfers: tuple[Transfer, ...]
    importance: Mapping[str, float] = field(default_factory=dict)
    label_cost: Mapping[str, float] = field(default_factory=dict)
    source_only: frozenset[str] = frozenset()
    target_only: frozenset[str] = frozenset()
    rule: Rule = "own"
    required: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        check(self)

    @classmethod
    def of(
        cls,
        transfers: Iterable[Transfer | Mapping[str, Any]],
        *,
        importance: Mapping[str, float] | None = None,
        label_cost: Mapping[str, float] | None = None,
        source_only: Iterable[str] | None = None,
        target_only: Iterable[str] | None = None,
        rule: Rule = "own",
        required: Iterable[str] = (),
        forbidden: Iterable[str] = (),
    ) -> Self:
        """Return the problem of transfers or records.

        Where they are not given, the source-only tasks are the sources that are no target, and
        the target-only tasks are the targets that are no source and have no supervised network.
        """
        listed = tuple(t if isinstance(t, Transfer) else Transfer.from_json(t) for t in transfers)
        targets = {t.target for t in listed}
        used = {s for t in listed if not t.is_supervised for s in t.sources}
        if source_only is None:
            source_only = used - targets
        if target_only is None:
            target_only = targets - used - {t.target for t in listed if t.is_supervised}
        return cls(
            listed,
            importance or {},
            label_cost or {},
            frozenset(source_only),
            frozenset(target_only),
            rule,
            frozenset(required),
            frozenset(forbidden),
        )

    @property
    def targets(self) -> tuple[str, ...]:
        """Return every task that has to be served, sorted."""
        return tuple(sorted({t.target for t in self.transfers}))

    @property
    def sources(self) -> tuple[str, ...]:
        """Return every task that may be supervised, sorted."""
        return tuple(sorted(({*self.targets} - self.target_only) | self.source_only))

    def as_json(self) -> dict[str, JSON]:
        """Return the problem as plain JSON."""
        return {
            "transfers": [transfer.as_json() for transfer in self.transfers],
            "importance": dict(self.importance),
            "label_cost": dict(self.label_cost),
            "source_only": sorted(self.source_only),
            "target_only": sorted(self.target_only),
            "rule": self.rule,
            "required": sorted(self.required),
            "forbidden": sorted(self.forbidden),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the problem that `as_json` wrote."""
        return cls(
            tuple(Transfer.from_json(record) for record in data["transfers"]),
            dict(data["importance"]),
            dict(data["label_cost"]),
            frozenset(data["source_only"]),
            frozenset(data["target_only"]),
            data["rule"],
            frozenset(data["required"]),
            frozenset(data["forbidden"]),
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
