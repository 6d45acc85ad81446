"""Whoever does what a refused policy problem advises gets a policy."""

from __future__ import annotations

import pytest

from taskspace.errors import InputError
from taskspace.policy.solve import solve_policy


def row(target, *sources, value=0.5, **more):
    return {"target": target, "sources": list(sources), "value": value, **more}


SOUND = [row("a", "a"), row("b", "b"), row("b", "a")]
TABLE = {"target": ["a", "b"], "sources": ["a", "b"], "value": [0.5, 0.5]}
RECORD = "A transfer is {target, sources, value}, and may have gain, quality and cost."
COLUMNS = "The columns are target, sources and value, and may be gain, quality and cost."
UNSERVED = "Add a record whose only source is its target, or name these tasks in target_only."
SERVING = (
    "Add a record whose only source is its target, or leave out the transfers from 'b' and name "
    "these tasks in target_only."
)
FROM_0 = "It must be a number from 0 to 1e+100."
NONE: dict[str, object] = {"target_only": []}
SHARE = "It is a win rate: a fraction from 0 to 1."

# What is refused, the advice, and what follows it: transfers, budget and options of each.
CASES = {
    "no transfer": (
        ([],), "Give at least one record {target, sources, value}.", ([row("a", "a")],)),
    "no record": ((["a"],), RECORD, (SOUND,)),
    "no value": (([{"target": "a", "sources": ["a"]}],), RECORD, (SOUND,)),
    "unknown key": (([row("a", "a", worth=1)],), RECORD, ([row("a", "a", gain=1)],)),
    "sources as text": (
        ([{"target": "a", "sources": "a", "value": 1}],),
        "Give a list of names, also for one source.", ([row("a", "a")],)),
    "no column": (({"target": ["a"], "sources": ["a"]},), COLUMNS, (TABLE,)),
    "unknown column": (({**TABLE, "worth": [1, 1]},), COLUMNS, ({**TABLE, "gain": [1, 1]},)),
    "sources as number": (
        ({**TABLE, "sources": [1, 2]},), "Give names joined by '+', or sequences of names.",
        ({**TABLE, "sources": ["a", ["b"]]},)),
    "negative budget": (
        (SOUND, -1), "Give finite numbers that are not negative.", (SOUND, 1)),
    "budget without end": (
        (SOUND, float("inf")), "Give finite numbers that are not negative.", (SOUND, 9)),
    "unserved": (([row("a", "a"), row("b", "a")], 6, NONE), UNSERVED, (SOUND,)),
    "unserved, by its role": (
        ([row("a", "a"), row("b", "a")], 6, NONE), UNSERVED,
        ([row("a", "a"), row("b", "a")], 6, {"target_only": ["b"]})),
    "unserved and serving": (
        ([row("a", "a"), row("a", "b"), row("b", "a")], 6, NONE), SERVING,
        ([row("a", "a"), row("b", "a")], 6, {"target_only": ["b"]})),
    "unserved and serving, by a record": (
        ([row("a", "a"), row("a", "b"), row("b", "a")], 6, NONE), SERVING,
        ([row("a", "a"), row("a", "b"), row("b", "a"), row("b", "b")],)),
    "unknown source": (
        ([*SOUND, row("b", "c")], 6, {"source_only": []}),
        "A source is a target that is not target-only, or is named in source_only.",
        ([*SOUND, row("b", "c")], 6, {"source_only": ["c"]})),
    "unknown source, as a target": (
        ([*SOUND, row("b", "c")], 6, {"source_only": []}),
        "A source is a target that is not target-only, or is named in source_only.",
        ([*SOUND, row("b", "c"), row("c", "c")],)),
    "twice": (([*SOUND, row("b", "a")],), "Keep one value for it.", (SOUND,)),
    "not measured": (
        ([*SOUND[:2], row("b", "a", value=float("nan"))],),
        "Leave out transfers that were not measured.", (SOUND[:2],)),
    "enormous": (
        ([row("a", "a", value=1e101)],), "Use a unit in which values are below 1e+100.",
        ([row("a", "a", value=1e13)],)),
    "cost": (([row("a", "a", cost=-1)],), FROM_0, ([row("a", "a", cost=1)],)),
    "gain": (([row("a", "a", gain=50)],), SHARE, ([row("a", "a", gain=0.5)],)),
    "quality": (([row("a", "a", quality=-1)],), SHARE, ([row("a", "a", quality=0)],)),
    "unknown importance": (
        (SOUND, 6, {"importance": {"c": 2}}), "Each target that is known: 'a', 'b'.",
        (SOUND, 6, {"importance": {"b": 2}})),
    "negative importance": (
        (SOUND, 6, {"importance": {"b": -2}}), FROM_0, (SOUND, 6, {"importance": {"b": 2}})),
    "unknown label cost": (
        (SOUND, 6, {"label_cost": {"c": 2}}), "Each task to supervise that is known: 'a', 'b'.",
        (SOUND, 6, {"label_cost": {"a": 2}})),
    "role": (
        (SOUND, 6, {"source_only": ["b"]}), "Change their role, or the transfers.",
        ([*SOUND[:1], row("a", "b")], 6, {"source_only": ["b"]})),
    "required and forbidden": (
        (SOUND, 6, {"required": ["b"], "forbidden": ["b"]}), "Take each out of one of the two.",
        (SOUND, 6, {"required": ["b"]})),
    "misspelt": (
        ([row("edges", "edges")], 6, {"required": ["edge"]}), "Did you mean 'edges'?",
        ([row("edges", "edges")], 6, {"required": ["edges"]})),
    "all forbidden": (
        (SOUND, 6, {"forbidden": ["a"]}), "Forbid fewer tasks, or add transfers from others.",
        ([*SOUND, row("a", "b")], 6, {"forbidden": ["a"]})),
}  # fmt: skip


def solved(transfers, budget=6, options=None):
    return solve_policy(transfers, budget, **(options or {}))


@pytest.mark.parametrize(("refused", "advice", "followed"), CASES.values(), ids=CASES)
def test_who_does_as_advised_gets_a_policy(refused, advice, followed):
    with pytest.raises(InputError) as caught:
        solved(*refused)
    assert caught.value.advice == advice
    assert solved(*followed).status == "optimal"
