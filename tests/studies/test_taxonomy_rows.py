"""Stored images and labels come back as they were, from memory or from the store's files."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from taskspace.learning import examples as module
from taskspace.learning.examples import StoredPart, StoredRows, blocks, rows_of
from taskspace.learning.storing import compact, joined

LENGTH = 7


def drawn(kind: str, count: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(3)
    match kind:
        case "image":
            return torch.randint(256, (count, 3, 4, 4), generator=random).float() / 255
        case "number":
            return torch.randn(count, 2, generator=random)
        case "missing":
            return torch.where(torch.arange(count) % 2 == 0, torch.nan, 1.0)[:, None]
        case _:
            return torch.randint(-1, int(kind), (count, 4), generator=random)


KINDS = ("image", "number", "missing", "100", "1000", "100000", "10000000000")


def parts_of(values: torch.Tensor) -> list[StoredPart]:
    return [compact(part) for part in values.split(LENGTH)]


def same(first: torch.Tensor, second: torch.Tensor) -> bool:
    return first.dtype == second.dtype and torch.equal(first.nan_to_num(-7), second.nan_to_num(-7))


@pytest.mark.parametrize("kind", KINDS)
def test_any_rows_of_what_is_stored_are_what_was_stored(kind: str) -> None:
    values = drawn(kind, 3 * LENGTH - 2)
    chosen = np.array([18, 0, 7, 6, 13, 14, 0])
    stored = StoredRows(parts_of(values), LENGTH, chosen, "cpu")
    assert len(stored) == len(chosen)
    assert stored.shape == (len(chosen), *values.shape[1:])
    asked = torch.tensor([6, 2, 2, 5, 0])
    assert same(stored[asked], values[chosen[asked]])


@pytest.mark.parametrize("kind", KINDS)
def test_rows_in_memory_are_those_on_disk(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = drawn(kind, 3 * LENGTH)
    chosen = np.arange(1, 3 * LENGTH, 2)
    held = rows_of(parts_of(values), LENGTH, chosen, "cpu")
    monkeypatch.setitem(module.IN_MEMORY, "cpu", 0)
    read = rows_of(parts_of(values), LENGTH, chosen, "cpu")
    assert isinstance(held, torch.Tensor) and isinstance(read, StoredRows)
    everything = torch.arange(len(chosen))
    assert same(held[everything], read[everything])
    assert same(torch.cat(list(blocks(read, 4))), held)


def test_images_of_8_bits_and_small_ids_are_stored_in_a_byte() -> None:
    assert compact(drawn("image", 4)).values.dtype == np.uint8
    assert compact(drawn("100", 4)).values.dtype == np.int8
    assert compact(drawn("number", 4)).values.dtype == np.float32


def test_what_is_almost_an_8_bit_image_stays_as_it_is() -> None:
    almost = drawn("image", 2)
    almost[1, 2, 3, 3] += 1e-7
    part = compact(almost)
    assert part.levels is None
    assert torch.equal(torch.from_numpy(part.values), almost)


@given(st.lists(st.sampled_from(["image", "noise"]), min_size=1, max_size=4))
def test_joined_parts_keep_every_value(kinds: list[str]) -> None:
    images = [drawn("image", 2) + (0.001 if kind == "noise" else 0) for kind in kinds]
    whole = joined([compact(image) for image in images])
    stored = StoredRows([whole], 2 * len(kinds), np.arange(2 * len(kinds)), "cpu")
    assert torch.equal(stored[torch.arange(2 * len(kinds))], torch.cat(images))
