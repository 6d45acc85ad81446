"""Which samples learn and which judge: drawn from a seed, groups (buildings, patients) whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from taskspace.components import Call, Dataset
from taskspace.errors import DataError


class Split(NamedTuple):
    """Sorted numbers of the samples that may train, and of those that test: int64, disjoint."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]


def split_of(
    dataset: Dataset, share: float, seed: int, labelled: np.ndarray | None = None
) -> Split:
    """Return the parts as published, if there are both, else a split by `share` and `seed`.

    Args:
        labelled: as `drawn_split` takes it.

    Raises:
        DataError: if a side would be empty.
    """
    named = published_parts(dataset)
    if named is not None:
        return Split(np.flatnonzero(named == "train"), np.flatnonzero(named == "test"))
    return drawn_split(dataset.length(), dataset.groups(), share, seed, labelled)


def published_parts(dataset: Dataset) -> np.ndarray | None:
    """Return the part of each sample [N] where a dataset has both train and test; else None."""
    parts = dataset.parts()
    both = parts is not None and {"train", "test"} <= set(parts)
    return np.asarray(parts) if both else None


def call_split(call: Call) -> Split:
    """Return the split of a call's dataset; its parameter `split` holds `share` and `seed`."""
    split = call.parameters["split"]
    dataset = call.component("dataset", Dataset)
    return _remembered(dataset, call.identity("dataset"), split["share"], split["seed"])


# Every cell of a worker divides the same dataset.
@lru_cache(maxsize=4)
def _remembered(dataset: Dataset, content: str, share: float, seed: int) -> Split:
    return split_of(dataset, share, seed)


def drawn_split(
    size: int,
    groups: Sequence[str] | None,
    share: float,
    seed: int,
    labelled: np.ndarray | None = None,
) -> Split:
    """Return a random split; groups stay whole, and test takes them until it has its share.

    Of two groups or more, test takes at least one, and leaves at least one.

    Args:
        labelled: bool [size]; test takes its share of samples with labels, or of the groups that
            have some, and its share of the others. All where None.

    Raises:
        DataError: if a side would be empty.
    """
    draw = np.random.default_rng(seed)
    counted = np.ones(size, dtype=bool) if labelled is None else labelled
    if groups is None:
        tests = hold_out(counted, None, share, draw)
        if not counted.all():
            tests |= hold_out(~counted, None, share, draw)
    else:
        names, group = np.unique(np.asarray(groups), return_inverse=True)
        order = draw.permutation(len(names))
        sizes = np.bincount(group[counted], minlength=len(names))[order]
        others = np.where(sizes > 0, 0, np.bincount(group)[order])
        taken = _first_groups(sizes, max(1, round(share * counted.sum())))
        taken[np.flatnonzero(sizes > 0)[-1:]] = False
        taken |= _first_groups(others, round(share * others.sum()))
        tests = np.isin(group, order[taken])
    testing = tests[counted]
    if testing.all() or not testing.any():
        samples = f"{size} samples" if labelled is None else f"{counted.sum()} labelled samples"
        count = 0 if groups is None else len(set(np.asarray(groups)[counted]))
        inside = "" if groups is None else f" in {count} group{'' if count == 1 else 's'}"
        raise DataError(
            f"A test share of {share:g} of {samples}{inside} leaves nothing to "
            f"{'train on' if testing.any() else 'test on'}.",
            where="test",
            advice="Give another share, or add samples or groups.",
        )
    return Split(np.flatnonzero(~tests), np.flatnonzero(tests))


def _first_groups(sizes: NDArray[np.int64], wanted: int) -> NDArray[np.bool_]:
    """Return which groups are taken, one after the other, until there are so many samples."""
    taken: NDArray[np.bool_] = (sizes > 0) & (np.cumsum(sizes) - sizes < wanted)
    return taken


def dealt(
    indices: NDArray[np.int64],
    groups: Sequence[str] | None,
    shares: Mapping[str, float],
    draw: np.random.Generator,
) -> dict[str, NDArray[np.int64]]:
    """Return the indices [n] dealt to splits in proportion to their shares, which add up to 1.

    Groups are shuffled and dealt whole, each to the split that is furthest below its share; the
    last ones go where there is none yet.

    Args:
        groups: of all samples, also of those that are not dealt; None where each is one.

    Raises:
        DataError: if a split would be empty.
    """
    size, samples = len(indices), f"{len(indices)} samples"
    if groups is None:
        shuffled = indices[draw.permutation(size)]
        ends = np.round(np.cumsum(list(shares.values())) * size).astype(int)
        parts = dict(zip(shares, np.split(shuffled, ends[:-1]), strict=True))
    else:
        members: dict[str, list[int]] = {}
        for index in indices.tolist():
            members.setdefault(groups[index], []).append(index)
        if len(members) < len(shares):
            named = ", ".join(map(repr, sorted(members)))
            raise DataError(
                f"{len(shares)} splits ({', '.join(shares)}) need at least {len(shares)} groups, "
                f"since no group is divided, and there {'is' if len(members) == 1 else 'are'} "
                f"{len(members)}: {named}.",
                advice="Add samples of other groups, or group by something smaller: `group_by` of "
                "the dataset, where it has one.",
            )
        hands: dict[str, list[int]] = {name: [] for name in shares}
        for left, group in enumerate(draw.permutation(sorted(members)), start=-len(members)):
            empty = [name for name in shares if not hands[name]]
            near = empty if empty and -left <= len(empty) else list(shares)
            name = max(near, key=lambda name: shares[name] * size - len(hands[name]))
            hands[name] += members[group]
        samples += f" in {len(members)} group{'' if len(members) == 1 else 's'}"
        parts = {name: np.array(chosen, dtype=np.int64) for name, chosen in hands.items()}
    for name, chosen in parts.items():
        if not len(chosen):
            raise DataError(
                f"The split {name!r} of {samples} would be empty.",
                advice="Give it a larger share (`splits:`), or add samples or groups.",
            )
    return parts


def split_indices(
    size: int,
    groups: Sequence[str] | None,
    shares: Mapping[str, float],
    seed: int,
    repetition: int = 0,
) -> dict[str, np.ndarray]:
    """Return sorted indices [n] of each split: disjoint, together all of `size`.

    No group stands in two splits. Repetitions share the split `test` and divide all others anew:
    what one of them decides on, no other reports on.

    Args:
        shares: of each split, dealt in this order; they add up to 1.

    Raises:
        DataError: if a split would be empty.
    """
    draw = np.random.default_rng(seed)
    parts = dealt(np.arange(size), groups, shares, draw)
    if repetition:
        rest = np.sort(np.concatenate([parts[name] for name in shares if name != "test"]))
        others = {name: share for name, share in shares.items() if name != "test"}
        total = sum(others.values())
        others = {name: share / total for name, share in others.items()}
        parts |= dealt(rest, groups, others, np.random.default_rng([seed, repetition]))
    return {name: np.sort(parts[name]) for name in shares}


def indices_of(call: Call, split: str, sample: int | None = None) -> np.ndarray:
    """Return the samples [n] of a split in the call's repetition.

    The call's parameter `splits` holds `shares`, pairs of a split and its share in the order in
    which they are dealt, `seed`, the `repetition` if it is not the first, and in `samples` how many
    are drawn of splits that are not used whole.

    Args:
        sample: how many, drawn at random and the same in every call; all where None.
    """
    dataset = call.component("dataset", Dataset)
    splits: Mapping[str, Any] = call.parameters["splits"]
    shares = tuple((name, share) for name, share in splits["shares"])
    seed, repetition = splits["seed"], splits.get("repetition", 0)
    chosen = _divided(dataset, call.identity("dataset"), shares, seed, repetition)[split]
    count = splits.get("samples", {}).get(split)
    if count is not None:
        chosen = random_part(chosen, count, seed, repetition)
    return chosen if sample is None else random_part(chosen, sample, seed=0)


# Every cell of a worker divides the same dataset, which takes as long as a small cell does.
@lru_cache(maxsize=32)
def _divided(
    dataset: Dataset,
    content: str,
    shares: tuple[tuple[str, float], ...],
    seed: int,
    repetition: int,
) -> dict[str, np.ndarray]:
    return split_indices(dataset.length(), dataset.groups(), dict(shares), seed, repetition)


def random_part(
    indices: NDArray[np.int64], count: int, seed: int, repetition: int = 0
) -> NDArray[np.int64]:
    """Return `count` of the indices [n], drawn at random and sorted.

    Datasets are often sorted by class, so the first ones would not do.
    """
    parts = [seed, len(indices), *([repetition] if repetition else [])]
    return np.sort(np.random.default_rng(parts).permutation(indices)[:count])


def hold_out(
    labelled: np.ndarray, names: np.ndarray | None, share: float, draw: np.random.Generator
) -> NDArray[np.bool_]:
    """Return which images [N] are held out, a share of the labelled ones.

    Args:
        labelled: bool [N].
        names: of the groups that stay whole [N]; None where each image is one.
    """
    if names is not None:
        return np.isin(names, _whole_groups(names[labelled], share, draw))
    held_out = np.zeros(len(labelled), dtype=bool)
    rows = np.flatnonzero(labelled)
    held_out[draw.permutation(rows)[: round(share * len(rows))]] = True
    return held_out


def _whole_groups(names: np.ndarray, share: float, draw: np.random.Generator) -> list[str]:
    """Return random groups that together come near a share of the images with these names.

    A group is taken if the sum is nearer then, at least one is, and never all.
    """
    groups, sizes = np.unique(names, return_counts=True)
    wanted, total = share * len(names), 0
    taken: list[int] = []
    for i in draw.permutation(len(groups)):
        if abs(total + sizes[i] - wanted) < abs(total - wanted) and len(taken) < len(groups) - 1:
            taken.append(i)
            total += sizes[i]
    if not taken and len(groups) > 1:
        taken = [int(sizes.argmin())]
    return [str(groups[i]) for i in taken]
