"""Whatever goes into `tag` comes out as text, never as markup."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_reader import read

from taskspace.report.frame import Ids
from taskspace.report.label import fit, width
from taskspace.report.markup import Markup, clean, escape, join, tag

HOSTILE = st.text() | st.text(alphabet="<>&\"'/=- \n\t!scriptimg;#x0")


@given(HOSTILE, HOSTILE)
def test_content_and_attributes_read_back_as_they_were_written(content: str, value: str) -> None:
    element = read(tag("p", content, title=value)).all("p")[0]
    assert element.text == clean(content)
    assert element.attributes == {"title": clean(value)}


@given(st.lists(HOSTILE))
def test_joined_text_holds_no_element(parts: list[str]) -> None:
    assert len(list(read(join(parts)).walk())) == 1


@given(st.text(alphabet=st.characters(categories=["Cs", "Cc", "Cn", "L"])))
def test_cleaned_text_can_be_written_and_stays_as_it_is(text: str) -> None:
    once = clean(text)
    once.encode("utf-8")
    assert clean(once) == once
    assert "\0" not in once


def test_markup_is_not_escaped_twice() -> None:
    inner = tag("b", "a & b")
    assert escape(inner) is inner
    assert tag("p", inner) == "<p><b>a &amp; b</b></p>"
    assert isinstance(escape("x"), Markup)


def test_attributes_are_left_out_bare_or_written() -> None:
    html = tag("input", hidden=True, disabled=False, name=None, min=0, max=2.5, for_="x")
    assert html == '<input hidden min="0" max="2.5" for="x">'


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_attribute_can_be_a_number_that_is_not_finite(value: float) -> None:
    with pytest.raises(ValueError, match="attribute x got the number"):
        tag("rect", x=value)


@given(st.lists(st.sampled_from(["a", "a 2", "a-2", "a-2-", "2", "", "é", "A"]) | st.text()))
def test_ids_are_unique_and_leave_room_for_their_parts(texts: list[str]) -> None:
    ids = Ids()
    given_ids = [ids.new(text) for text in texts]
    assert len(set(given_ids)) == len(given_ids)
    assert all("--" not in id_ and id_.strip() for id_ in given_ids)


@given(st.text(), st.floats(30, 300))
def test_a_fitted_name_is_no_wider_than_its_room(text: str, room: float) -> None:
    assert width(fit(text, 12, room), 12) <= room + 1e-6
