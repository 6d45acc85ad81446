"""What holds for a component of any kind."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator
from pydantic import ValidationError

from taskspace.components import KINDS, Component, Encoder, Readout
from taskspace.registry.descriptions.describing import describe_class, reserved_fields
from taskspace.registry.descriptions.description import NAME_PATTERN
from taskspace.testing.subject import NotApplicable, RuleBroken, Subject, Unmade, require
from taskspace.testing.target import TABLE


def docstring_says_what_it_is(subject: Subject) -> None:
    """The class has a docstring of its own, whose first line stands in listings."""
    require(bool(subject.cls.__dict__.get("__doc__")), "The class has no docstring of its own.")
    summary = subject.cls.summary()
    require(bool(summary), "The first line of the docstring is empty.")
    require(len(summary) <= 100, f"The first line of the docstring has {len(summary)} characters.")


def name_is_a_word(subject: Subject) -> None:
    """The name can be written in a job file without quotes."""
    name = getattr(subject.cls, "name", None)
    require(
        isinstance(name, str) and NAME_PATTERN.fullmatch(name) is not None,
        f"Found the name {name!r}; it must be lower-case letters, digits and '_'.",
    )


def fields_are_described(subject: Subject) -> None:
    """Every parameter says what it means: its description is the reference documentation."""
    silent = [name for name, field in subject.cls.model_fields.items() if not field.description]
    require(not silent, f"These parameters have no description: {', '.join(silent)}.")


def fields_are_not_reserved(subject: Subject) -> None:
    """No parameter has the name of one of the job's own keys."""
    reserved = sorted(reserved_fields(subject.cls))
    require(not reserved, f"These parameters are words of the job file: {', '.join(reserved)}.")


def fields_hide_no_method(subject: Subject) -> None:
    """No parameter takes the place of something that the kind declares."""
    hidden = sorted(set(subject.cls.model_fields) & set(dir(KINDS[subject.cls.kind])))
    require(not hidden, f"These parameters hide methods of the kind: {', '.join(hidden)}.")


def parameters_are_valid(subject: Subject) -> None:
    """It can be made from its defaults, or from the parameters handed in where some must be set."""
    needed = subject.cls.model_json_schema().get("required", [])
    unset = [name for name in needed if name not in subject.parameters]
    if unset:
        raise Unmade(
            f"{' and '.join(unset)} {'has' if len(unset) == 1 else 'have'} no default: write "
            f'Field(examples=[...]), or [{TABLE}.parameters."{subject.cls.kind}:'
            f'{subject.cls.name}"] in pyproject.toml.'
        )
    subject.made(Component)


def parameters_are_frozen_and_closed(subject: Subject) -> None:
    """Nothing changes a component once it is made, and nothing unknown is taken in silence."""
    subject.made(Component)
    config = subject.cls.model_config
    require(config.get("frozen") is True, "The component can be changed after it is made.")
    try:
        subject.validated({**subject.parameters, "no_such_parameter": 1})
    except ValidationError:
        return
    raise RuleBroken("It takes a parameter that does not exist.")


def schema_round_trip(subject: Subject) -> None:
    """Its parameters as JSON satisfy its schema and make an equal component."""
    schema = json.loads(json.dumps(subject.cls.model_json_schema(), allow_nan=False))
    Draft202012Validator.check_schema(schema)
    component = subject.made(Component)
    parameters = json.loads(json.dumps(component.spec().as_json(), allow_nan=False))["parameters"]
    mistakes = sorted(
        error.message for error in Draft202012Validator(schema).iter_errors(parameters)
    )
    require(not mistakes, f"Its own parameters break its schema: {'; '.join(mistakes)}.")
    again = subject.validated(parameters)
    require(again == component, f"Made again from {parameters}, it is another one.")


def identity_is_stable(subject: Subject) -> None:
    """What decides the results is plain JSON, the same for equal components."""
    component = subject.made(Component)
    if isinstance(component, (Encoder, Readout)) and (reason := component.missing()) is not None:
        raise NotApplicable(reason)  # its weights or a version are among what it is
    first, second = (
        json.dumps(subject.made(Component).identity(), sort_keys=True, allow_nan=False)
        for _ in range(2)
    )
    require(first == second, f"Two equal components have the identities {first} and {second}.")


def describes_in_a_bare_child(subject: Subject) -> None:
    """A process that does nothing else describes it, as this one does."""
    answer = subject.children.described(subject.cls)
    require("failure" not in answer, str(answer.get("failure")))
    here = describe_class(subject.cls, subject.cls.kind, "conformance", "0").as_json()
    require(answer["value"] == json.loads(json.dumps(here)), "It is described differently here.")


def activates_in_a_spawned_process(subject: Subject) -> None:
    """A worker makes the same component from its name and parameters."""
    here = json.loads(json.dumps(subject.made(Component).spec().as_json()))
    answer = subject.children.activated(subject.cls)
    require("failure" not in answer, str(answer.get("failure")))
    require(answer["value"] == here, f"There it is {answer['value']}, here it is {here}.")
