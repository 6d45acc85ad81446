"""Small policy problems, and their optima by trying everything."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from taskspace.policy import PolicyProblem, Transfer


@dataclass(frozen=True)
class Optimum:
    objective: Fraction
    supervised: tuple[str, ...]
    transfers: dict[str, tuple[str, ...]]


def decimal(value: float) -> Fraction:
    return Fraction(repr(float(value)))


def enumerated(problem: PolicyProblem, budget: float) -> Optimum | None:
    """Return the first of the best policies: by objective, cost, number and names."""
    best = None
    for size in range(len(problem.sources) + 1):
        for chosen in itertools.combinations(problem.sources, size):
            cost = sum((decimal(problem.label_cost.get(s, 1.0)) for s in chosen), Fraction(0))
            served = serve(problem, set(chosen))
            if cost > decimal(budget) or served is None:
                continue
            objective = sum(
                decimal(problem.importance.get(t.target, 1.0)) * decimal(t.value) for t in served
            )
            rank = (-objective, cost, size, chosen)
            if best is None or rank < best[0]:
                best = (rank, Optimum(objective, chosen, {t.target: t.sources for t in served}))
    return None if best is None else best[1]


def serve(problem: PolicyProblem, supervised: set[str]) -> list[Transfer] | None:
    """Return the best admissible transfer of every target, written down from the definition."""
    served = []
    for target in problem.targets:
        options = [
            t for t in problem.transfers if t.target == target and set(t.sources) <= supervised
        ]
        if problem.rule == "own" and target in supervised:
            options = [t for t in options if t.sources == (target,)]
        if not options:
            return None
        # r_t only scales, but at r_t = 0 every transfer is as good
        weight = decimal(problem.importance.get(target, 1.0))
        served.append(
            min(
                options,
                key=lambda t: (-weight * decimal(t.value), len(t.sources), sorted(t.sources)),
            )
        )
    return served


coarse = st.integers(0, 10).map(lambda tenths: tenths / 10)
fine = st.floats(0, 1).map(lambda value: round(value, 6))


def source_sets(
    sources: list[str], target: str, *, least: int, most: int
) -> st.SearchStrategy[list[tuple[str, ...]]]:
    """Return lists of different sets of up to three sources, the supervised network not among."""
    candidates = [
        subset
        for order in (1, 2, 3)
        for subset in itertools.combinations(sources, order)
        if subset != (target,)
    ]
    if not candidates:
        return st.just([])
    return st.lists(st.sampled_from(candidates), unique=True, min_size=least, max_size=most)


@st.composite
def problems(draw: st.DrawFn) -> PolicyProblem:
    """Draw problems of up to six tasks with ties, free and fractional labels, and all roles."""
    targets = list("abcd")[: draw(st.integers(1, 4))]
    source_only = draw(st.sampled_from([[], ["s"]]))
    target_only = draw(st.sampled_from([[], [], ["n"]]))
    sources = targets + source_only
    value = draw(st.sampled_from([coarse, fine]))
    transfers = [Transfer(t, (t,), draw(value)) for t in targets]
    for target in targets + target_only:
        into = source_sets(sources, target, least=int(target in target_only), most=7)
        transfers += [Transfer(target, subset, draw(value)) for subset in draw(into)]
    costs = draw(
        st.sampled_from([st.just(1.0), st.sampled_from([0.0, 0.1, 0.2, 0.3, 1.5]), st.floats(0, 2)])
    )
    importance = draw(st.sampled_from([st.just(1.0), st.sampled_from([0.0, 0.5, 3.0])]))
    return PolicyProblem.of(
        draw(st.permutations(transfers)),
        label_cost={name: draw(costs) for name in sources},
        importance={name: draw(importance) for name in targets},
        source_only=source_only,
        target_only=target_only,
        rule=draw(st.sampled_from(["own", "best"])),
    )


budgets = st.one_of(st.integers(0, 5).map(float), st.sampled_from([0.1, 0.3, 0.6, 1.6]))


def complete(
    values: dict[tuple[str, str], float], own: float = 1.0, **options: object
) -> PolicyProblem:
    """Return a problem of first-order transfers {(source, target): value}."""
    names = sorted({name for pair in values for name in pair})
    return PolicyProblem.of(
        [Transfer(name, (name,), own) for name in names]
        + [Transfer(target, (source,), value) for (source, target), value in values.items()],
        **options,
    )
