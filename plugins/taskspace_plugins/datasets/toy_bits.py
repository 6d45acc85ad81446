"""Strings of bits with two tasks that use the same bits, or bits of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
import pydantic

from taskspace.components import Dataset, Field, Sample
from taskspace_plugins.datasets._draws import fair_bits

ANSWERS = ("false", "true")


class ToyBits(Dataset):
    """Random strings of bits with two yes-or-no tasks, on the same bits or on bits of their own.

    Source: Yan 2020, "Multi-Task Learning Architectures and Applications", Fig. 1.1, where a string
    x has 20 bits. Its slices are read as half-open and 0-based, x[1..10] as the nine bits x[1] to
    x[9]: the only reading under which a task uses ten bits and x[11..20] exists.

    - `t0`: x[0] is 1, or the sum of x[1] to x[9] is even.
    - `t1`, shared features: x[0] is 0, or the same sum is even.
    - `t1`, separate features: x[10] is 0, or the sum of x[11] to x[19] is even.

    Convolutions would take neighbouring bits for alike; the encoder `mlp` does not.

    Three in four answers are `true`, which is what a constant guess gets right. Strings are drawn
    with replacement: of 16,000 strings of 20 bits, one in 66 has a twin.
    """

    name: ClassVar[str] = "toy_bits"

    samples: int = pydantic.Field(
        16_000, ge=1, le=10_000_000, description="How many strings; more begin with those of fewer."
    )
    bits: int = pydantic.Field(
        20, ge=4, le=128, multiple_of=2, description="Bits of a string; a task uses half of them."
    )
    features: Literal["shared", "separate"] = pydantic.Field(
        "shared", description="Whether both tasks use the first half, or `t1` the second one."
    )
    seed: int = pydantic.Field(0, ge=0, lt=2**32, description="Another seed, other strings.")

    @cached_property
    def _strings(self) -> np.ndarray:
        return fair_bits(self.samples, self.bits, self.seed)

    @cached_property
    def _answers(self) -> dict[str, np.ndarray]:
        half, x = self.bits // 2, self._strings
        start = half if self.features == "separate" else 0
        return {
            "t0": (x[:, 0] == 1) | _even(x[:, 1:half]),
            "t1": (x[:, start] == 0) | _even(x[:, start + 1 : start + half]),
        }

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256(f"toy_bits 1 {self.bits} ".encode())
        for values in (self._strings, *self._answers.values()):
            digest.update(values.tobytes())
        return digest.hexdigest()

    def fingerprint(self) -> str:
        """Return a hash of all strings and answers."""
        return self._fingerprint

    def fields(self) -> Mapping[str, Field]:
        """Return `image` (1, 1, bits) and the answers `t0` and `t1`."""
        return {
            "image": Field((1, 1, self.bits), description="The string: a row of pixels."),
            "t0": Field((), ANSWERS, "The answer of task 0."),
            "t1": Field((), ANSWERS, "The answer of task 1."),
        }

    def task_fields(self) -> Sequence[str]:
        """Return `t0` and `t1`: every string has both labels."""
        return ("t0", "t1")

    def length(self) -> int:
        """Return `samples`."""
        return self.samples

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return `image` [B, 1, 1, bits], float32 0 or 1, and the answers [B], int64."""
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        rows = np.asarray(indices, dtype=np.int64)
        wanted = self.fields() if fields is None else fields
        sample = {
            name: torch.from_numpy(values[rows].astype(np.int64))
            for name, values in self._answers.items()
            if name in wanted
        }
        if "image" in wanted:
            strings = self._strings[rows].astype(np.float32)
            sample["image"] = torch.from_numpy(strings.reshape(-1, 1, 1, self.bits))
        return sample


def _even(bits: np.ndarray) -> np.ndarray:
    """Return whether the number of ones in each row is even: bool [N]."""
    even: np.ndarray = np.bitwise_xor.reduce(bits, axis=1) == 0
    return even
