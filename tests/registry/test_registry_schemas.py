"""Schemas from outside are bounded: what could cost a job's check too much is refused."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from taskspace.errors import RegistryError
from taskspace.registry.bounded.usable_schema import refuse_unusable_schema
from taskspace.registry.builtins import read_builtins
from taskspace.registry.descriptions.contained import describe_in_child

DOUBLING = {
    **{f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)},
    "d40": {"type": "string"},
}
DEEP: dict = {"type": "string"}
for _ in range(50):
    DEEP = {"items": DEEP}

REFUSED = {
    "true for a parameter": ({"properties": {"a": True}}, "properties.a is True"),
    "false for all items": ({"items": False}, "items is False"),
    "a boolean itself": (True, "it is True"),
    "itself": (
        {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        "refers to itself: #/$defs/a -> #/$defs/a",
    ),
    "two that mean each other": (
        {
            "$defs": {
                "a": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/b"}]},
                "b": {"not": {"$ref": "#/$defs/a"}},
            }
        },
        "refers to itself: #/$defs/a -> #/$defs/b -> #/$defs/a",
    ),
    "references that double": ({"$defs": DOUBLING, "$ref": "#/$defs/d0"}, "more than 10,000 steps"),
    "too deep": (DEEP, "more than 40 levels"),
    "too many parts": ({"enum": list(range(6_000))}, "more than 5,000 parts"),
    "a long text": ({"const": "x" * 5_000}, "a text of 5,000 characters"),
    "a long key": ({"properties": {"x" * 5_000: {}}}, "a text of 5,000 characters"),
    "a strange type": ({"type": ["string", "x"]}, "type is ['string', 'x']"),
    "a base of its own": ({"$id": "http://localhost/a"}, "$id is a keyword"),
    "no divisor": ({"multipleOf": 0}, "multipleOf is 0"),
    "an enormous number": ({"maximum": 10**400}, "maximum is 1000"),
    "alternatives of nothing": ({"anyOf": []}, "anyOf is []"),
    "a strange reference to components": ({"x-taskspace-use": {"kind": 1}}, "x-taskspace-use is"),
    "a key that is none": ({"properties": {1: {}}}, "the key 1"),
    "an object": ({"default": object()}, "no plain JSON"),
}


@pytest.mark.parametrize("schema", REFUSED)
def test_a_schema_without_bounds_is_refused_with_its_place(schema):
    given, said = REFUSED[schema]
    with pytest.raises(RegistryError, match=re.escape(said)):
        refuse_unusable_schema(given, "The task 'rain'")


def test_a_schema_that_contains_itself_is_refused():
    schema: dict = {"items": {}}
    schema["items"]["items"] = schema
    with pytest.raises(RegistryError, match="levels"):
        refuse_unusable_schema(schema, "The task 'rain'")


def test_the_built_ins_and_a_model_of_trees_are_within_bounds():
    for description in read_builtins().components:
        refuse_unusable_schema(description.schema, description.name)
    branch = {"type": "array", "items": {"$ref": "#/$defs/Tree"}}
    tree = {"type": "object", "properties": {"branches": branch}, "additionalProperties": False}
    refuse_unusable_schema({"$defs": {"Tree": tree}, "$ref": "#/$defs/Tree"}, "a tree")


KEYWORDS = sorted({*Draft202012Validator.VALIDATORS, "$defs", "title", "default", "examples"})
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-2, 3)
    | st.just(0.5)
    | st.sampled_from(["", "string", "null", "#/$defs/a", "a"])
)


@given(
    st.recursive(
        PLAIN,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*KEYWORDS, "a"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_what_is_accepted_is_a_schema(schema):
    try:
        refuse_unusable_schema(schema, "it")
    except RegistryError:
        return
    Draft202012Validator.check_schema(schema)
    list(Draft202012Validator(schema).iter_errors({"a": ["a", 1]}))


def test_the_property_above_is_not_empty():
    with pytest.raises(SchemaError):
        Draft202012Validator.check_schema({"minLength": -1})


def test_a_long_docstring_is_cut(site):
    long = site.rain.replace("'''Whether it rains.'''", '__doc__ = "Whether it rains. " * 600_000')
    long = long.replace('"How sure it is."', '"How sure it is. " * 600_000')
    assert long.count("600_000") == 2
    site.install("taskspace-bad", long)
    described = describe_in_child(site.found("taskspace-bad"))
    (rain,) = described.components
    assert len(json.dumps(rain.as_json())) < 6_000
    assert rain.summary.startswith("Whether it rains.") and rain.summary.endswith(" ...")
    assert rain.schema["properties"]["sharpness"]["description"].endswith(" ...")
