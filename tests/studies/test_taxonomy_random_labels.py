"""Labels that mean nothing are not claimed to mean something, and labels that do are named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

held_out = pytest.mark.parametrize("held_out", [0.15, 0.0])


@pytest.fixture(scope="module")
def benchmark() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        import random_labels

        yield random_labels


def draws(benchmark: ModuleType, count: int, **setting) -> list:
    """The first draws on scanned digits, whose lines pytest shows if the test fails."""
    return benchmark.table(benchmark.Setting(benchmark.digits(), **setting), range(count))


@pytest.mark.slow
@held_out
def test_at_most_2_of_20_draws_of_random_columns_come_with_a_claim(benchmark, held_out):
    assert benchmark.with_claims(draws(benchmark, 20, held_out=held_out)) <= 2


@pytest.mark.slow
@held_out
def test_a_real_column_among_random_ones_is_named_in_8_of_10_draws(benchmark, held_out):
    found = draws(benchmark, 10, held_out=held_out, real=True)
    assert benchmark.named(found, "loop") >= 8


def test_a_draw_is_the_same_again(benchmark, tmp_path):
    setting = benchmark.Setting(benchmark.digits(), held_out=0.15, real=True)
    folders = [tmp_path / name for name in ("a", "b")]
    columns = [benchmark.write_folder(folder, setting, seed=100) for folder in folders]
    assert columns[0] == columns[1] == ["loop", "random_2", "random_3", "random_4", "random_5"]
    files = [{file.name: file.read_bytes() for file in folder.iterdir()} for folder in folders]
    assert files[0] == files[1]
    assert len(files[0]) == benchmark.IMAGES + 1
