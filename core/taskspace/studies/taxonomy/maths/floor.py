"""The floor: what a target has without anybody's labels, and how the program is told of it.

Scratch and the best constant need no label but those of the transfer images, so the better of the
two serves a target at no cost. The program sees it as a task that is always supervised, costs
nothing and is worth little: with that, everything that holds of policies holds with floors too. A
target whose own network is no better than its floor is split in two: a source, whose labels can be
bought, and a target, which other transfers may serve.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

FLOOR = "(floor)"
"""The competitor that stands for a target's floor, and the source that provides it."""

_TARGET = " (target)"
"""Ends the name of a target that is apart from the source of that name; no task is called so."""


def as_target(name: str) -> str:
    """Return what a target is called that is apart from the source of its name."""
    return name + _TARGET


def task_of(name: str) -> str:
    """Return the task that a target of the program is."""
    return name.removesuffix(_TARGET)


def decoded(policy: Mapping[str, Any], pretrained: Collection[str] = ()) -> dict[str, Any]:
    """Return a policy of the program in the names of the job.

    A target that only its floor serves has no sources.

    Args:
        pretrained: sources without labels: those that the policy uses stand under `pretrained` and
            not among the supervised tasks.
    """
    chosen = _bought(policy["supervised"])
    used = {"pretrained": [name for name in chosen if name in pretrained]} if pretrained else {}
    return {
        **policy,
        "supervised": [name for name in chosen if name not in pretrained],
        **used,
        "transfers": {
            task_of(target): _bought(sources) for target, sources in policy["transfers"].items()
        },
        "message": policy["message"].replace(_TARGET, ""),
    }


def decoded_around(around: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands around a policy in the names of the job."""
    found = dict(around)
    if alternatives := around.get("alternatives"):
        found["alternatives"] = {
            **alternatives,
            "found": [
                {**other, "supervised": _bought(other["supervised"])}
                for other in alternatives["found"]
            ],
        }
    if sensitivity := around.get("sensitivity"):
        tasks = [task for task in sensitivity["tasks"] if task["task"] != FLOOR]
        found["sensitivity"] = {**sensitivity, "tasks": tasks}
    return found


def _bought(names: Sequence[str]) -> list[str]:
    return [name for name in names if name != FLOOR]
