"""What could be read before is the same to the last bit, and so are fingerprints."""

import numpy as np
import pytest

from taskspace.tables import Numbers
from taskspace_plugins.datasets.columns._cells import LabelCell, column_of
from taskspace_plugins.datasets.features._label_arrays import label_column


def read(*cells: str | None):
    made = [None if c is None else LabelCell(c, n) for n, c in enumerate(cells, start=2)]
    return column_of(made, str, Numbers())[0]


@pytest.mark.parametrize("cells", [["1", "2.50", "1e1"], ["0.1", "-3"], ["7", "8", "16777216"]])
def test_a_column_of_numbers_is_float32_and_its_content_those_bytes(cells: list[str]) -> None:
    values = np.array([*map(float, cells), np.nan], dtype=np.float32)
    column = read(*cells, None)
    assert column.values.dtype == np.float32
    np.testing.assert_array_equal(column.values, values)
    assert column.content() == values.tobytes()


def test_a_column_of_words_is_class_ids_and_its_content_those_bytes() -> None:
    column = read("b", None, "a", "b")
    assert column.content() == np.array([1, -1, 0, 1]).tobytes()


@pytest.mark.parametrize("ids", [[0, 3, -1, 3], [2, 2, 2, 2]])
def test_ids_without_names_have_a_class_for_each_number_up_to_the_largest(
    tmp_path, ids: list[int]
) -> None:
    whole = label_column(tmp_path, "it", np.array(ids), None).as_classes
    assert whole is not None and whole.values.tolist() == ids
    assert whole.classes == tuple(map(str, range(max(ids) + 1)))


def test_spellings_of_one_number_are_one_content() -> None:
    assert read("1", "2").content() == read("1.0", "02").content()
    assert read("1", "2").content() != read("1", "3").content()
