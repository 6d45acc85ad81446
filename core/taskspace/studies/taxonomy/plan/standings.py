"""What each competitor for a target is worth on `select`, over all repetitions, and its floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from taskspace.studies.taxonomy.maths.grids import Standings
from taskspace.studies.taxonomy.plan.cells import Sources
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED, ranked
from taskspace.studies.taxonomy.plan.state import TaxonomyState

Baseline = Literal["scratch", "constant"]


@dataclass(frozen=True)
class Worth:
    """What a competitor is worth on `select`: means over the repetitions."""

    affinity: float
    loss: float
    gain: float | None
    quality: float | None


@dataclass(frozen=True)
class Floor:
    """What serves a target without anybody's labels: the better of scratch and the constant."""

    kind: Baseline
    loss: float
    gain: float | None
    quality: float | None


@dataclass(frozen=True)
class Standing:
    """A target's competitors, the best affinity first, and its floor."""

    competitors: Mapping[str, Worth]
    floor: Floor

    def admits(self, competitor: str) -> bool:
        """Return whether a competitor's mean loss is below the floor's."""
        return self.competitors[competitor].loss < self.floor.loss


def standing(records: Sequence[Mapping[str, Any]]) -> Standing:
    """Return the standing in tournaments of one target, the means over them."""
    names = records[0]["competitors"]
    columns = {
        column: _mean_of([record.get(column) for record in records], len(names))
        for column in ("affinity", "loss", "gain", "quality")
    }
    worths = {
        name: Worth(
            affinity=columns["affinity"][row] or 0.0,
            loss=float("inf") if columns["loss"][row] is None else float(columns["loss"][row]),
            gain=columns["gain"][row],
            quality=columns["quality"][row],
        )
        for row, name in enumerate(names)
    }
    order = sorted(worths, key=lambda name: (-worths[name].affinity, name))
    return Standing({name: worths[name] for name in order}, _floor(records))


def _mean_of(columns: Sequence[Sequence[float] | None], rows: int) -> list[Any]:
    if any(column is None for column in columns):
        return [None] * rows
    mean: list[float] = np.mean(np.array(columns, dtype=np.float64), axis=0).tolist()
    return mean


def _floor(records: Sequence[Mapping[str, Any]]) -> Floor:
    kinds: tuple[Baseline, ...] = ("scratch", "constant")
    floors = []
    for kind in kinds:
        rivals = [record["baselines"].get(kind) for record in records]
        if all(rivals):
            means = {
                name: None
                if any(rival[name] is None for rival in rivals)
                else float(np.mean([rival[name] for rival in rivals]))
                for name in ("loss", "gain", "quality")
            }
            floors.append(Floor(kind, float(means["loss"] or 0.0), means["gain"], means["quality"]))
    return min(floors, key=lambda floor: floor.loss)


def standings_of(state: TaxonomyState) -> dict[str, Standing]:
    """Return every served target's standing over all repetitions."""
    return {target: standing(state.tournament(target)) for target in state.served_targets()}


def standing_in(state: TaxonomyState, target: str, repetition: int) -> Standing:
    """Return a served target's standing in one repetition alone."""
    return standing([state.tournament(target)[repetition]])


def affinities_of(state: TaxonomyState, target: str) -> Standings:
    """Return the affinity of each of a served target's transfers, by sources."""
    found = standing(state.tournament(target)).competitors
    return {
        state.sources_of(target, name): worth.affinity
        for name, worth in found.items()
        if name != SUPERVISED
    }


def ranked_transfers(
    state: TaxonomyState, target: str, order: int, *, own_encoder: bool = False
) -> list[Sources]:
    """Return the sources of an order by the affinities of their transfers on `select`, best first.

    Those with the target's own encoder are among them only with `own_encoder`.
    """
    losses = {
        sources: [one.array("loss") for one in stored]
        for sources, stored in state.stored_transfers(target).items()
        if len(sources) == order and (own_encoder or target not in sources)
    }
    return ranked(losses, state.job.normaliser)


def best_admitted(state: TaxonomyState, target: str, found: Standing) -> Sources | None:
    """Return the sources of the best admitted transfer from other tasks; None where none is."""
    for name in found.competitors:
        sources = () if name == SUPERVISED else state.sources_of(target, name)
        if sources and target not in sources and found.admits(name):
            return sources
    return None
