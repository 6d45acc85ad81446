"""Features that another program has computed, as a dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
import pydantic

from taskspace.components import Compositions, Dataset, Field, Finding, JobPath, Sample
from taskspace.errors import DataError
from taskspace_plugins.datasets.columns._column import LabelColumn, fields_of, labels_of
from taskspace_plugins.datasets.features._array_files import CLASSES, read_arrays
from taskspace_plugins.datasets.features._label_arrays import label_column, missing_words


class FeaturesFile(Dataset):
    """Features computed elsewhere: one file with a row a sample, and labels beside them.

    `image` is the features of a sample, of shape (F, 1, 1); the encoder `identity` passes them on
    as they are. The file is .npz, .safetensors or .pt, with an array of features [N, F] and an
    array [N] for each field of labels: words, numbers, or numbers of classes with their names in
    `NAME_classes` (in safetensors, a JSON list in the metadata) or in `class_names`.

    ```yaml
    dataset: {use: features_file, file: clip.npz, labels: [attribute, object], part: split}
    encoder: identity
    ```
    """

    name: ClassVar[str] = "features_file"

    file: JobPath = pydantic.Field(description="The .npz, .safetensors, .pt, .pth or .t7 file.")
    features: str = pydantic.Field("features", description="The array of features, [N, F].")
    labels: list[str] = pydantic.Field(
        default_factory=list,
        description="The arrays of labels, [N]: words are classes, whole numbers are classes or "
        "numbers as the task asks. An empty word, NaN and a negative integer mean missing.",
    )
    class_names: dict[str, list[str]] = pydantic.Field(
        default_factory=dict,
        description="Names of the classes 0, 1, ... of arrays that hold numbers.",
    )
    part: str | None = pydantic.Field(
        None, description="The array that says the part of each sample: `train`, `val`, `test`."
    )
    words: list[str] = pydantic.Field(
        default_factory=list,
        description="Those of the labels whose words together say what an image shows: "
        "[attribute, object].",
    )

    @pydantic.model_validator(mode="after")
    def _names_are_of_labels(self) -> Self:
        for name in (*self.words, *self.class_names):
            if name not in self.labels and name != self.part:
                raise ValueError(f"{name!r} is not among the labels {self.labels}")
        if len({*self.labels, "image"}) <= len(self.labels):
            raise ValueError("labels need names of their own, other than 'image'")
        return self

    @cached_property
    def _arrays(self) -> dict[str, np.ndarray]:
        wanted = {self.features, *self.labels, *([self.part] if self.part else [])}
        arrays = read_arrays(self.file, wanted)
        features = arrays[self.features]
        for name in wanted:
            if arrays[name].ndim == 0 or len(arrays[name]) != len(features):
                raise self._wrong(f"{name!r} has not one row for each of {len(features)} samples")
        return arrays

    @cached_property
    def _features(self) -> np.ndarray:
        stored = self._arrays[self.features]
        if stored.ndim < 2 or 0 in stored.shape or max(stored.shape[2:], default=1) > 1:
            raise self._wrong(f"{self.features!r} has the shape {stored.shape}, not [N, F]")
        if stored.dtype.kind not in "fiu":
            raise self._wrong(f"{self.features!r} is {stored.dtype}, which are no numbers")
        with np.errstate(over="ignore"):  # what overflows is not finite, which is said below
            features = stored.reshape(len(stored), -1).astype(np.float32)
        broken = np.flatnonzero(~np.isfinite(features).all(axis=1))
        if len(broken):
            raise self._wrong(
                f"{len(broken)} samples have features that are not finite, the first is sample "
                f"{broken[0]}"
            )
        return features

    @cached_property
    def _labels(self) -> dict[str, LabelColumn]:
        return {name: self._column(name, words=name in self.words) for name in self.labels}

    def _column(self, name: str, *, words: bool) -> LabelColumn:
        arrays = self._arrays
        classes = self.class_names.get(name, arrays.get(name + CLASSES))
        return label_column(self.file, name, arrays[name], classes, words=words)

    @cached_property
    def _parts(self) -> tuple[str, ...] | None:
        if self.part is None:
            return None
        column = self._column(self.part, words=True)
        if (column.values < 0).any():
            first = int(np.flatnonzero(column.values < 0)[0])
            raise self._wrong(f"sample {first} is in no part")
        names = column.classes or ()
        return tuple(names[number] for number in column.values)

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256(f"features_file 1 {self._features.shape}".encode())
        digest.update(self._features.tobytes())
        for name, column in self._labels.items():
            # Whole numbers follow from their classes.
            whole = column.as_classes or column
            digest.update(repr((name, whole.classes)).encode())
            digest.update(whole.values.tobytes())
        digest.update(repr(self._parts).encode())
        return digest.hexdigest()

    def fingerprint(self) -> str:
        """Return a hash of the features, the labels and the parts.

        Raises:
            DataError: if the file is missing or damaged, lacks an array, or one of them cannot be
                used.
        """
        return self._fingerprint

    def fields(self) -> Mapping[str, Field]:
        """Return `image`, which is the features, and a field for each array of labels."""
        shape = (self._features.shape[1], 1, 1)
        image = Field(shape, description="Features that were computed elsewhere.")
        described = dict.fromkeys(self._labels, "Array of the file.")
        return {"image": image, **fields_of(self._labels, described)}

    def findings(self) -> Sequence[Finding]:
        """Return which classes are words that usually stand for a missing label.

        Raises:
            DataError: as `fingerprint` does.
        """
        labels = self._labels.items()
        return tuple(found for name, column in labels for found in missing_words(name, column))

    def word_fields(self) -> Sequence[str]:
        """Return what `words` says."""
        return tuple(self.words)

    def compositions(self) -> Compositions | None:
        """Return which compositions the samples of each part show; None without words or parts."""
        parts = self._parts
        if parts is None or "train" not in parts or not self.words:
            return None
        shown: dict[str, set[tuple[str, ...]]] = {part: set() for part in sorted(set(parts))}
        columns = [self._labels[name] for name in self.words]
        for row, part in enumerate(parts):
            ids = [int(column.values[row]) for column in columns]
            if min(ids) >= 0:
                names = [column.classes or () for column in columns]
                shown[part].add(tuple(own[n] for own, n in zip(names, ids, strict=True)))
        listed = {part: tuple(sorted(own)) for part, own in shown.items()}
        return Compositions(tuple(self.words), listed)

    def parts(self) -> Sequence[str] | None:
        """Return the part of each sample, where `part` names the array that says it."""
        return self._parts

    def length(self) -> int:
        """Return the number of samples."""
        return len(self._features)

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return `image` [B, F, 1, 1], float32, any finite numbers, and labels [B].

        Raises:
            DataError: as `fingerprint` does.
        """
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        rows = np.asarray(indices, dtype=np.int64)
        wanted = self.fields() if fields is None else fields
        sample = labels_of(self._labels, rows, wanted)
        if "image" in wanted:
            sample["image"] = torch.from_numpy(self._features[rows])[..., None, None]
        return sample

    def _wrong(self, what: str) -> DataError:
        return DataError(
            f"These features cannot be used: {what}.",
            where=str(self.file),
            advice="Save an array of features [N, F], and arrays [N] of labels in the same order.",
        )
