"""Rows of a table that take no part, and whom they would have served."""

from __future__ import annotations

from collections import Counter

from taskspace.policy import Coefficient, measured_by
from taskspace.studies.taxonomy.table.description import AffinityTable
from taskspace.studies.taxonomy.table.rows import Row

ASKED = frozenset({"excluded", "into a source-only task"})
"""Reasons for which a job names tasks."""


class LeftOutRows:
    """What was left out so far.

    Args:
        description: what the job says of the table.
        coefficient: what the policy adds up.
        supervised: the source that stands for the supervised network, if there is one.

    Attributes:
        reasons: how many rows, by reason: `missing value`, `order`, `excluded`, `own encoder` and
            `into a source-only task`.
        tasks: task to how many rows with it, by reason, where the job does not name it.
        networks: tasks whose supervised network has no value.
    """

    def __init__(
        self, description: AffinityTable, coefficient: Coefficient, supervised: str | None
    ) -> None:
        self.reasons: Counter[str] = Counter()
        self.tasks: dict[str, Counter[str]] = {}
        self.networks: set[str] = set()
        self._excluded = frozenset(description.exclude)
        self._source_only = frozenset(description.source_only or ())
        self._max_order = description.max_order
        self._measured = measured_by(coefficient)
        self._supervised = supervised

    def takes(self, row: Row) -> bool:
        """Return whether a row is left out, and count it."""
        reason = self._reason(row)
        if reason is None:
            return False
        self.reasons[reason] += 1
        if reason in ASKED:
            return True
        own = row.sources in ((row.target,), (self._supervised,))
        if own and reason == "missing value":
            self.networks.add(row.target)
        for name in {row.target, *row.sources} - {self._supervised}:
            self.tasks.setdefault(name, Counter())[reason] += 1
        return True

    def _reason(self, row: Row) -> str | None:
        if self._excluded and not self._excluded.isdisjoint((row.target, *row.sources)):
            return "excluded"
        if row.target in self._source_only:
            return "into a source-only task"
        if self._max_order is not None and len(row.sources) > self._max_order:
            return "order"
        if self._supervised is not None and row.target in row.sources:
            return "own encoder"
        return "missing value" if row.value(self._measured) is None else None
