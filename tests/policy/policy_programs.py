"""Policy programs with everything in them, and their optima over all (y, x)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from hypothesis import strategies as st
from policy_cases import coarse, decimal, fine, source_sets

from taskspace.policy import PolicyProblem, Transfer


@dataclass(frozen=True)
class Program:
    """A problem as it is given to `PolicyProblem`, which may refuse it."""

    transfers: tuple[Transfer, ...]
    importance: dict[str, float]
    label_cost: dict[str, float]
    source_only: frozenset[str]
    target_only: frozenset[str]
    rule: str
    required: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()

    def problem(self) -> PolicyProblem:
        """Return the problem, or raise what it is refused with."""
        return PolicyProblem(
            self.transfers,
            self.importance,
            self.label_cost,
            self.source_only,
            self.target_only,
            self.rule,
            self.required,
            self.forbidden,
        )

    def targets(self) -> list[str]:
        return sorted({t.target for t in self.transfers})

    def sources(self) -> list[str]:
        return sorted(({*self.targets()} - self.target_only) | self.source_only)

    def policies(self) -> Iterator[tuple[tuple[str, ...], tuple[Transfer, ...]]]:
        """Yield every (y, x) that satisfies (I) and (II), and what is required and forbidden."""
        sources = self.sources()
        for size in range(len(sources) + 1):
            for chosen in itertools.combinations(sources, size):
                if self.required <= {*chosen} and not self.forbidden.intersection(chosen):
                    yield from ((chosen, x) for x in self._assignments({*chosen}))

    def _assignments(self, supervised: set[str]) -> Iterator[tuple[Transfer, ...]]:
        ways = []
        for target in self.targets():
            into = [t for t in self.transfers if t.target == target]
            if self.rule == "own" and target in supervised:
                ways.append([t for t in into if t.sources == (target,)])
            else:
                ways.append([t for t in into if {*t.sources} <= supervised])
        return itertools.product(*ways)

    def objective(self, x: tuple[Transfer, ...]) -> Fraction:
        return sum(
            (decimal(self.importance.get(t.target, 1.0)) * decimal(t.value) for t in x), Fraction(0)
        )

    def cost(self, y: tuple[str, ...], x: tuple[Transfer, ...]) -> Fraction:
        labels = sum((decimal(self.label_cost.get(s, 1.0)) for s in y), Fraction(0))
        return labels + sum((decimal(t.cost) for t in x), Fraction(0))

    def rank(self, y: tuple[str, ...], x: tuple[Transfer, ...]) -> tuple[object, ...]:
        names = [(len(t.sources), sorted(t.sources)) for t in x]  # in the order of the targets
        return (-self.objective(x), self.cost(y, x), len(y), y, names)


tied = st.sampled_from([0.5, 1.0])
coarse_costs = st.sampled_from([0.0, 0.0, 0.1, 0.2, 0.5, 1.0])
fine_costs = st.one_of(st.just(0.0), st.floats(0, 0.7))


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Draw programs of up to six tasks: ties, all costs, all roles, decisions beforehand."""
    targets = list("abcd")[: draw(st.integers(1, 4))]
    source_only = draw(st.sampled_from([[], ["s"]]))
    target_only = draw(st.sampled_from([[], ["n"]]))
    sources = targets + source_only
    value = draw(st.sampled_from([coarse, fine, tied, tied]))
    price = draw(st.sampled_from([st.just(0.0), coarse_costs, coarse_costs, fine_costs]))
    transfers = [Transfer(t, (t,), draw(value), cost=draw(price)) for t in targets]
    for target in targets + target_only:
        into = source_sets(sources, target, least=int(target in target_only), most=4)
        transfers += [Transfer(target, s, draw(value), cost=draw(price)) for s in draw(into)]
    labels = draw(
        st.sampled_from([st.just(1.0), st.sampled_from([0.0, 0.1, 0.2, 1.5]), st.floats(0, 2)])
    )
    importance = draw(st.sampled_from([st.just(1.0), st.sampled_from([0.0, 0.5, 3.0])]))
    program = Program(
        tuple(draw(st.permutations(transfers))),
        {name: draw(importance) for name in targets},
        {name: draw(labels) for name in sources},
        frozenset(source_only),
        frozenset(target_only),
        draw(st.sampled_from(["own", "best"])),
    )
    decided = {
        name: draw(st.sampled_from(["required", "forbidden", *[""] * 6])) for name in sources
    }
    return replace(
        program,
        required=frozenset(s for s in sources if decided[s] == "required"),
        forbidden=frozenset(s for s in sources if decided[s] == "forbidden"),
    )


@st.composite
def alike(draw: st.DrawFn) -> Program:
    """Draw programs whose tasks are worth the same and differ in what they cost."""
    price = draw(st.sampled_from([st.just(0.0), st.sampled_from([0.0, 0.25, 0.5])]))
    label = st.sampled_from([0.0, 0.5, 0.5, 1.0])
    own, other = draw(st.sampled_from([(1.0, 0.5), (0.5, 0.5)]))
    pairs = itertools.permutations("abcd", 2)
    transfers = [Transfer(name, (name,), own) for name in "abcd"]
    transfers += [Transfer(target, (source,), other, cost=draw(price)) for source, target in pairs]
    return Program(
        tuple(transfers),
        {},
        {name: draw(label) for name in "abcd"},
        frozenset(),
        frozenset(),
        draw(st.sampled_from(["own", "best"])),
        required=draw(st.sampled_from([frozenset(), frozenset("d")])),
    )


@st.composite
def cases(draw: st.DrawFn, kind: st.SearchStrategy[Program]) -> tuple[Program, float]:
    """Draw a program and a budget that some policy just meets, or just misses."""
    program = draw(kind)
    costs = sorted({float(program.cost(y, x)) for y, x in program.policies()})
    if not costs:
        return program, 1.0
    budget = draw(st.sampled_from(costs))
    return program, max(0.0, budget - draw(st.sampled_from([0.0, 0.0, 0.0, 0.01])))
