"""Datasets: samples with declared fields."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from taskspace.components.base import Component
from taskspace.components.exchanged.finding import Finding

if TYPE_CHECKING:
    import numpy as np
    import torch

Sample: TypeAlias = "Mapping[str, torch.Tensor]"
"""Field name to tensor [B, ...]: images are float in [0, 1] (or any features, [B, F, 1, 1]), class
ids int64 with -1 for missing, numbers float32 with NaN for missing (float64 in a field with a
`span`). Of a field with a `count`, all samples are padded to one length."""


@dataclass(frozen=True)
class NumberSpan:
    """Numbers that are too close together for 32 bits, as long as nothing is subtracted from them.

    Attributes:
        lowest: of the numbers.
        highest: of the numbers.
        resolution: the smallest difference that a task has to keep.
        different: how many different numbers there are.
        merged: how many of them are left in 32 bits.
        offset: what a task can subtract so that the difference is kept; None where 64 bits are too
            few as well.
        scale: their standard deviation.
    """

    lowest: float
    highest: float
    resolution: float
    different: int
    merged: int
    offset: float | None
    scale: float


@dataclass(frozen=True)
class Field:
    """One field of a dataset's samples.

    Attributes:
        shape: of one sample, without the batch: () for a label, (C, H, W) for an image.
        classes: the names of the classes where the field holds class ids.
        as_classes: the field that holds the same labels as class ids, where this one holds numbers
            that may also be read as classes: a task of classes that is given this field uses that
            one. Its name is what `class_ids_name` says.
        no_numbers: why the labels of a field of classes are no numbers, with the place of one that
            is none (`labels.csv:7 has '1,234', with a thousands separator`); empty where it is not
            known. A task of numbers says it.
        no_classes: the same for a field of numbers: why they are no classes (`labels.csv:7 has
            '1.5', which is no whole number`). A task of classes says it.
        span: of numbers that 32 bits would merge; samples hold them as float64, and a task of
            numbers subtracts its offset before it rounds.
        count: the field that says how many entries along the first axis a sample has, where samples
            have different numbers of them (the boxes of an image). `shape` has as many as the
            sample with the most; what comes after a sample's own is padding, NaN or -1. The counts
            are numbers, NaN for a sample that was not labelled; 0 says that it was, with nothing.
    """

    shape: tuple[int, ...]
    classes: tuple[str, ...] | None = None
    description: str = ""
    as_classes: str | None = None
    no_numbers: str = ""
    no_classes: str = ""
    span: NumberSpan | None = None
    count: str | None = None


@dataclass(frozen=True)
class Compositions:
    """Which combinations of words a dataset was published with.

    Attributes:
        fields: of classes, whose labels together are a composition: (`attribute`, `object`).
        parts: the compositions that may be predicted in each part, as names of classes in the order
            of `fields`. Those of `train` have images to learn from and may be predicted everywhere.
        split: what the split is called, so that published results stand beside their own alone.
    """

    fields: tuple[str, ...]
    parts: Mapping[str, tuple[tuple[str, ...], ...]]
    split: str = "published"


class Dataset(Component):
    """Images with labels: knows its fields and its fingerprint without reading all of it."""

    kind: ClassVar[str] = "dataset"

    @abstractmethod
    def fingerprint(self) -> str:
        """Return a hash of the content: equal exactly when all samples are equal.

        Raises:
            DataError: if the data is missing, empty or unreadable.
        """

    @abstractmethod
    def fields(self) -> Mapping[str, Field]:
        """Return every field by name; `image` is always there, of shape (C, H, W)."""

    @abstractmethod
    def length(self) -> int:
        """Return the number of samples."""

    @abstractmethod
    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return these samples, in this order, on the CPU: {field: [B, ...]}.

        Args:
            indices: numbers of samples; any order, repeats allowed.
            fields: what to read; nothing else is read or computed. All fields where None.
        """

    def groups(self) -> Sequence[str] | None:
        """Return the group of each sample (building, patient): splits never divide a group."""
        return None

    def parts(self) -> Sequence[str] | None:
        """Return the part of each sample as it was published (train, test); None where it was not.

        A study that is compared with published results keeps them apart.
        """
        return None

    def task_fields(self) -> Sequence[str]:
        """Return the fields of classes that are the tasks of this dataset, in their order.

        A sample has a label in the fields of the tasks that it belongs to and -1 in the others: in
        one of them (the superclasses of CIFAR-100), in all, or anything between. Empty where the
        job has to say which tasks there are.
        """
        return ()

    def word_fields(self) -> Sequence[str]:
        """Return the fields of classes whose names together say what an image shows.

        (`attribute`, `object`) for a red apple. Empty where the job has to say it.
        """
        return ()

    def compositions(self) -> Compositions | None:
        """Return which compositions were published as seen and unseen; None where none were."""
        return None

    def findings(self) -> Sequence[Finding]:
        """Return what a reader of any result on this dataset must know: what was not read, and why.

        Every command that opens a dataset shows them, every study keeps them in its result. They
        say what is there beside the samples, so they are no part of the fingerprint; nothing is
        decoded for them. Empty where everything was read as it looks.

        Raises:
            DataError: if the data is missing or unreadable.
        """
        return ()

    def sentences(self) -> Sequence[str]:
        """Return sentences that use the names of classes, from which their vectors can be learnt.

        Words are lower-case and parted by spaces.
        """
        return ()

    def identity(self) -> dict[str, Any]:
        """Return the parameters and the fingerprint, so that keys follow the content."""
        return {**super().identity(), "fingerprint": self.fingerprint()}
