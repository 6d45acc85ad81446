"""A parameter that is a component: named in jobs, handed over in Python, part of the key."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pydantic
import pytest

from taskspace.components import Encoder, JobPath, Part
from taskspace.components.part import MAKE, parts_of
from taskspace.engine.keys import component_digest
from taskspace.registry import Registry
from taskspace.registry.bounded.schema_keywords import USE
from taskspace_plugins.encoders.mlp import Mlp
from taskspace_plugins.encoders.small_conv import SmallConv
from taskspace_plugins.readouts.linear import Linear

REGISTRY = Registry.load(Path(__file__).parent, plugins=False)


class Around(Encoder):
    """Another encoder, unchanged."""

    name: ClassVar[str] = "around"
    inner: Part[Encoder] = pydantic.Field(description="The other one.")

    def code_shape(self, image):
        return self.inner.code_shape(image)

    def build(self, image):
        return self.inner.build(image)


class Located(Mlp):
    """One that was read from somewhere."""

    name: ClassVar[str] = "located"
    place: JobPath = pydantic.Field(Path("a"), description="Where from.")


class Catalogue:
    """The built-ins, and the classes of this file as if they were built in."""

    def component(self, spec):
        own = {cls.name: cls for cls in (Around, Located)}
        if spec.name in own:
            return own[spec.name].model_validate(
                dict(spec.parameters), context={MAKE: self.component}
            )
        return REGISTRY.component(spec)

    def source_digest(self, kind, name):
        return f"source of {name}"


def made(inner: object) -> Around:
    return Around.model_validate({"inner": inner}, context={MAKE: REGISTRY.component})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("mlp", Mlp()),
        ({"use": "mlp", "width": 3}, Mlp(width=3)),
        ({"use": "taskspace/mlp"}, Mlp()),
        (Mlp(width=5), Mlp(width=5)),
    ],
)
def test_a_part_is_named_or_handed_over(given, expected):
    assert made(given).inner == expected


def test_a_part_travels_by_name():
    parameters = made({"use": "mlp", "width": 3}).spec().parameters
    assert parameters == {"inner": {"use": "mlp", "width": 3, "depth": 2}}
    assert made(parameters["inner"]) == Around(inner=Mlp(width=3))


def test_its_schema_is_that_of_a_reference_in_a_job():
    schema = Around.model_json_schema()["properties"]["inner"]
    assert schema[USE] == {"kind": "encoder", "keys": {}}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (3, "name the encoder"),
        ({"width": 3}, "name the encoder"),
        ({"use": 3}, "name the encoder"),
        (Linear(), "name the encoder"),
        ("small_con", "small_conv"),
        ({"use": "mlp", "width": 0}, "greater than or equal to 1"),
    ],
)
def test_what_is_no_part_is_said_at_its_place(given, message):
    with pytest.raises(pydantic.ValidationError, match=message) as refused:
        made(given)
    assert refused.value.errors()[0]["loc"] == ("inner",)


def test_a_name_needs_the_names_of_a_job():
    with pytest.raises(pydantic.ValidationError, match="hand over the encoder itself"):
        Around(inner="mlp")


def test_parts_are_found_by_parameter():
    assert parts_of(Around(inner=Mlp())) == {"inner": Mlp()}
    assert parts_of(Mlp()) == {}


def key(inner: Encoder) -> str:
    return component_digest(Around(inner=inner), Catalogue())


def test_the_key_follows_the_part():
    assert key(Mlp()) == key(Mlp(width=64))
    assert key(Mlp()) != key(Mlp(width=3)) != key(SmallConv())


def test_the_key_follows_the_source_of_the_part(monkeypatch):
    before = key(Mlp())
    monkeypatch.setattr(Catalogue, "source_digest", lambda *_: "edited")
    edited = key(Mlp())
    monkeypatch.setattr(
        Catalogue, "source_digest", lambda _, kind, name: "edited" if name == "mlp" else name
    )
    assert len({before, edited, key(Mlp())}) == 3


def test_the_path_of_a_part_is_not_in_the_key():
    assert key(Located(place="a")) == key(Located(place="b"))
    assert key(Located(place="a")) != key(Located(place="a", width=3))
