"""A file of word vectors serves names, or an error says what is wrong with it."""

from pathlib import Path

import numpy as np
import pytest

from taskspace.errors import InputError
from taskspace_plugins.datasets.compositional._shoe_words import MATERIALS, SHOES
from taskspace_plugins.lexicons.glove import Glove

REAL = Path(__file__).parents[3] / "shared" / "data" / "words" / "glove_100d_15k.txt"
TEXT = """\
red 1 0 0
apple 0 2 0
mid-calf 0 0 7
mid 2 2 2
calf 4 4 4
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str | bytes) -> Glove:
        data = text.encode() if isinstance(text, str) else text
        (tmp_path / "words.txt").write_bytes(data)
        return Glove(file=tmp_path / "words.txt")

    return write


def test_a_word_has_its_vector_and_a_name_the_mean_of_its_words(write):
    found = write(TEXT).vectors(["red", "Red apple"], [])
    assert found.dtype == np.float32
    assert found.tolist() == [[1, 0, 0], [0.5, 1, 0]]


@pytest.mark.parametrize("name", ["mid.calf", "mid_calf", "mid calf", "Mid.-Calf"])
def test_joints_that_the_file_lacks_are_read_as_spaces(write, name):
    assert write(TEXT).vectors([name], []).tolist() == [[3, 3, 3]]


def test_a_joined_word_that_the_file_has_stays_whole(write):
    assert write(TEXT).vectors(["mid-calf"], []).tolist() == [[0, 0, 7]]


def test_all_unknown_words_are_listed_at_once(write):
    with pytest.raises(InputError) as error:
        write(TEXT).vectors(["red", "green apple", "blue", "rusty-red apple"], [])
    assert error.value.what == (
        "3 words of these names are not in the file of word vectors: 'blue', 'green' (of 'green "
        "apple'), 'rusty' (of 'rusty-red apple')."
    )
    assert "synonyms" in str(error.value.advice)


def test_a_synonym_serves_in_place_of_a_word(write):
    glove = write(TEXT)
    glove = Glove(file=glove.file, synonyms={"green": "mid calf"})
    # The mean of (3, 3, 3), one word, and an apple.
    assert glove.vectors(["green apple"], []).tolist() == [[1.5, 2.5, 1.5]]
    with pytest.raises(InputError, match="'purple'"):
        Glove(file=glove.file, synonyms={"green": "purple"}).vectors(["green"], [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("green 1 2", "it has 2 numbers after the word, where the first has 3"),
        ("green 1 2 3 4", "it has 4 numbers after the word, where the first has 3"),
        ("green 1 x 3", "something after 'green' is not a number"),
        ("green 1 nan 3", "a number of 'green' is not finite"),
        ("green 1 1e39 3", "a number of 'green' is not finite"),
        ("", "it has 0 numbers after the word, where the first has 3"),
    ],
)
def test_a_broken_line_is_named_by_its_number(write, line, reason):
    with pytest.raises(InputError) as error:
        write(f"{TEXT}{line}\nyellow 1 2 3\n").vectors(["green"], [])
    assert reason in error.value.what
    assert str(error.value.where).endswith("words.txt:6")


def test_a_line_that_is_cut_off_is_found_though_nobody_wants_its_word(write):
    with pytest.raises(InputError, match="2 numbers"):
        write(f"{TEXT}yellow 1 2").vectors(["red"], [])


def test_words_with_spaces_of_the_largest_published_file_are_passed_over(write):
    text = f"{TEXT}. . . 1 2 3\nat name@domain.com 4 5 6\ngreen 7 8 9\n"
    assert write(text).vectors(["green"], []).tolist() == [[7, 8, 9]]


def test_of_two_lines_of_one_word_the_first_counts(write):
    assert write(f"{TEXT}red 9 9 9\n").vectors(["red"], []).tolist() == [[1, 0, 0]]


def test_the_header_of_word2vec_is_passed_over(write):
    assert write(f"5 3\n{TEXT}").vectors(["red"], []).tolist() == [[1, 0, 0]]


def test_a_file_that_is_no_text_is_refused(write):
    with pytest.raises(InputError, match="is not a word and its numbers"):
        write(bytes(range(256)) * 8).vectors(["red"], [])
    with pytest.raises(InputError, match="no word"):
        write("").vectors(["red"], [])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="cannot be read: No such file") as error:
        Glove(file=tmp_path / "none.txt").vectors(["red"], [])
    assert error.value.where == str(tmp_path / "none.txt")
    with pytest.raises(InputError, match="cannot be read"):
        Glove(file=tmp_path / "none.txt").identity()


def test_the_identity_follows_the_content_and_not_the_path(write, tmp_path):
    first = write(TEXT).identity()
    (tmp_path / "copy.txt").write_text(TEXT)
    assert Glove(file=tmp_path / "copy.txt").identity() == first
    assert write(TEXT + "blue 1 1 1\n").identity() != first
    assert Glove(file=tmp_path / "copy.txt", synonyms={"a": "red"}).identity() != first


@pytest.mark.skipif(not REAL.exists(), reason="the file of 15,071 GloVe vectors is not here")
def test_shoes_and_materials_have_different_real_vectors():
    # `grainy` is in the published files (6B and larger), not among the words of this one.
    glove = Glove(file=REAL, synonyms={"grainy": "grain"})
    for words in (MATERIALS, SHOES):
        vectors = glove.vectors(list(words.values()), [])
        gaps = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
        assert gaps[~np.eye(len(words), dtype=bool)].min() > 1.0
    with pytest.raises(InputError, match=r"1 word of .*: 'grainy' \(of 'grainy leather'\)"):
        Glove(file=REAL).vectors([*MATERIALS.values(), *SHOES.values()], [])
