"""One answer whichever solver is asked: the search among equally good source sets."""

from __future__ import annotations

from taskspace.errors import SolutionRejected
from taskspace.studies.taxonomy.policy.decode import ADVICE
from taskspace.studies.taxonomy.policy.formulation import forbid, forbid_supersets
from taskspace.studies.taxonomy.policy.instance import Instance, bits
from taskspace.studies.taxonomy.policy.search import Search

MARGIN = 1e-8
"""Sets within this share of the optimum are compared exactly: ten times the gap of a proof."""

Standing = tuple[int, int, int, tuple[str, ...]]


def standing(instance: Instance, mask: int) -> Standing:
    """Return what decides between policies, smallest first: value, cost, number, names.

    Raises:
        ValueError: if the set leaves a target unserved.
    """
    weight = instance.weight(mask)
    if weight is None:
        raise ValueError(f"{instance.names(mask)} does not serve every target.")
    return -weight, instance.cost(mask), mask.bit_count(), instance.names(mask)


def without_idle(instance: Instance, mask: int) -> int:
    """Drop tasks as long as the objective does not fall, the last by name first.

    An idle task costs labels and changes nothing: nobody reads its encoder at a gain.
    """
    weight = instance.weight(mask)
    for k in sorted(bits(mask), reverse=True):
        smaller = mask & ~(1 << k)
        found = instance.weight(smaller)
        if found is not None and weight is not None and found >= weight:
            mask, weight = smaller, found
    return mask


def settle(search: Search, mask: int, most: int) -> tuple[int, str]:
    """Return the first by `standing` among all optimal sets, and what to say about it.

    `mask` is optimal. Again and again its supersets are forbidden - they are worth no more and
    none of them stands before it - and the best of the rest is looked for, until that is worth
    less. At most `most` further solves; beyond that, or beyond the time limit, the answer is
    still optimal but another solver may name another set.

    Raises:
        SolutionRejected: if a set turns up that is clearly better than the optimum.
    """
    instance, model = search.instance, search.model
    best = without_idle(instance, mask)
    last = best
    for _ in range(most):
        if not last:
            return best, ""  # every set contains the empty one
        if standing(instance, last)[0] == standing(instance, best)[0]:
            forbid_supersets(model, last)
        else:
            forbid(model, last)
        found = search.best()
        if found.status == "infeasible":
            return best, ""
        if found.status != "optimal" or found.mask is None:
            return best, "The search for equally good source sets hit the time limit."
        least = instance.value(-standing(instance, best)[0])
        value = instance.value(-standing(instance, found.mask)[0])
        if value < least - MARGIN * max(abs(least), model.value_unit):
            return best, ""
        last = without_idle(instance, found.mask)
        if value > least + MARGIN * max(abs(least), model.value_unit):
            raise SolutionRejected(
                f"The solver {search.solver.name} called {least!r} optimal, then found {value!r}.",
                advice=ADVICE,
            )
        best = min(best, last, key=lambda m: standing(instance, m))
    return best, f"More than {most} source sets are as good; this is the first of those seen."
