"""Good sets of supervised tasks without a proof, for a solver to start from."""

from __future__ import annotations

import random

import numpy as np

from taskspace.studies.taxonomy.policy.instance import Instance, bits

MOST_ROUNDS = 50
"""How often every task of a set may be tried to be swapped."""

KICKS = 40
"""How often a third of the best set is drawn anew."""

MOST_WORK = 40_000_000
"""Sources of options that are looked at before the search ends with what it has."""


class Starts:
    """Greedy additions and swaps on the options of an instance, as arrays.

    Every step looks at all tasks that could be added at once: an option whose sources lack one
    task of the set is what that task would bring. Costs of transfers are not understood: such an
    instance has no start. What is found depends on the instance and the budget alone, not on time.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        count = len(instance.sources)
        position = {target: k for k, target in enumerate(instance.targets)}
        self._target = np.array([position[target] for target, _ in instance.rows], dtype=np.int64)
        self._value = np.array([o.weight / instance.scale for _, o in instance.rows])
        members = [[*bits(option.mask)] for _, option in instance.rows]
        self._size = np.array([len(found) for found in members], dtype=np.int64)
        self._member = np.array([k for found in members for k in found], dtype=np.int64)
        self._row = np.repeat(np.arange(len(members)), self._size)
        self._costs = instance.costs
        self._own = np.full(count, -1, dtype=np.int64)
        self._own_value = np.zeros(len(position))
        if instance.problem.rule == "own":
            for target, option in instance.own.items():
                self._own[instance.sources.index(target)] = position[target]
                self._own_value[position[target]] = option.weight / instance.scale
        largest = max([1.0, *np.abs(self._value), *np.abs(self._own_value)])
        self._unserved = -4.0 * largest * (1 + len(position))
        self._bound = set(bits(instance.required | instance.forbidden))
        self._left = MOST_WORK

    def best(self, capacity: int) -> int | None:
        """Return a set within the capacity that serves every target, or None where none was found.

        Args:
            capacity: in the instance's units of cost.
        """
        instance = self.instance
        if instance.coupled or instance.cost(instance.required) > capacity:
            return None
        draw = random.Random(0)
        self._left = MOST_WORK
        worth, best = self._climbed(instance.required, capacity)
        for _ in range(KICKS):
            movable = [k for k in bits(best) if k not in self._bound]
            if not movable or self._left <= 0:
                break
            kicked = best
            for k in draw.sample(movable, -(-len(movable) // 3)):
                kicked &= ~(1 << k)
            for k in draw.sample(range(len(self._own)), min(2, len(movable))):
                if k not in self._bound and instance.cost(kicked | 1 << k) <= capacity:
                    kicked |= 1 << k
            worth, best = max((worth, best), self._climbed(kicked, capacity))
        return best if instance.weight(best) is not None else None

    def _climbed(self, mask: int, capacity: int) -> tuple[float, int]:
        mask = self._grown(mask, capacity)
        for _ in range(MOST_ROUNDS):
            swapped = self._swapped(mask, capacity)
            if swapped == mask:
                break
            mask = swapped
        return self._worth(mask)[0], mask

    def _grown(self, mask: int, capacity: int) -> int:
        """Return the set after adding the best task again and again, as long as that helps."""
        while self._left > 0:
            _, gains = self._worth(mask)
            added = self._best_addition(mask, gains, capacity)
            if added is None or gains[added] <= 0:
                break
            mask |= 1 << added
        return mask

    def _swapped(self, mask: int, capacity: int) -> int:
        """Return the set after trying each of its tasks against the best one outside."""
        worth, _ = self._worth(mask)
        for out in bits(mask):
            if out in self._bound or self._left <= 0:
                continue
            rest = mask & ~(1 << out)
            left, gains = self._worth(rest)
            added = self._best_addition(rest, gains, capacity)
            if added is not None and left + gains[added] > worth + 1e-9 * max(1.0, abs(worth)):
                mask, worth = rest | 1 << added, left + gains[added]
        return self._grown(mask, capacity)

    def _best_addition(self, mask: int, gains: np.ndarray, capacity: int) -> int | None:
        left = capacity - self.instance.cost(mask)
        for k in np.argsort(-gains, kind="stable"):
            if self._costs[k] <= left and not mask >> int(k) & 1 and int(k) not in self._bound:
                return int(k)
        return None

    def _worth(self, mask: int) -> tuple[float, np.ndarray]:
        """Return the objective of a set, and by how much each further task would raise it."""
        self._left -= len(self._member)
        count = len(self._own)
        inside = np.zeros(count, dtype=bool)
        inside[[*bits(mask)]] = True
        missing = self._size - np.bincount(
            self._row, inside[self._member], minlength=len(self._size)
        ).astype(np.int64)
        now = np.full(len(self._own_value), self._unserved)
        served = missing == 0
        np.maximum.at(now, self._target[served], self._value[served])
        supervised = self._own[inside & (self._own >= 0)]
        now[supervised] = self._own_value[supervised]
        settled = np.zeros(len(now), dtype=bool)
        settled[supervised] = True

        lacking = (missing[self._row] == 1) & ~inside[self._member]
        row, task = self._row[lacking], self._member[lacking]
        rise = self._value[row] - now[self._target[row]]
        useful = (rise > 0) & ~settled[self._target[row]]
        target, task, rise = self._target[row[useful]], task[useful], rise[useful]
        # Of several options of a target that lack the same task, the best one counts.
        order = np.lexsort((-rise, target * count + task))
        code = (target * count + task)[order]
        best = order[np.flatnonzero(np.r_[True, code[1:] != code[:-1]])] if len(code) else order
        # Of nothing, numpy counts integers.
        gains = np.bincount(task[best], rise[best], minlength=count).astype(float)
        own = np.flatnonzero((self._own >= 0) & ~inside)
        of = self._own[own]
        brought = np.bincount(
            task[best], np.where(self._own[task[best]] == target[best], rise[best], 0.0), count
        )
        gains[own] += self._own_value[of] - now[of] - brought[own]
        return float(now.sum()), gains
