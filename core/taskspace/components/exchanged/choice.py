"""How many experts a task keeps when it is evaluated."""

from __future__ import annotations

from typing import Literal

Choice = Literal["task", "mean", "rounded", "all"]
"""How many experts a task keeps when it is evaluated, where p is the probability of each.

task: k(t) = round(sum p) of each task, the k(t) most likely (Yan 2020, eq. 3.4). mean: the same k
for all, round of the mean of sum p over tasks. rounded: those with p >= 0.5. all: every expert.
Halves are rounded up, of equally likely experts the first goes first, and k = 0 becomes 1.
"""
