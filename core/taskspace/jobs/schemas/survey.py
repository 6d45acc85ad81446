"""Which texts of a job are paths, and which parts of it name components, by its schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taskspace.components import JSON, ComponentSpec, SourceText
from taskspace.components.base import RUN_FORMAT, as_run
from taskspace.jobs.schemas.checker import Refusal, SchemaChecker
from taskspace.jobs.schemas.component_schema import PATH_FORMATS, Schema
from taskspace.jobs.text.nodes import ListNode, MappingNode, Node, Scalar, plain
from taskspace.jobs.text.places import Steps
from taskspace.registry.bounded.schema_keywords import LOCAL, USE


@dataclass
class Survey:
    """What was found.

    Attributes:
        paths: steps of a path to the absolute path.
        runs: steps of what names a run, or the folder of one.
        homeless: steps of paths that begin with a `~user` who has no home here.
        uses: steps of a reference to (kind, name, keys of the job that are no parameters).
    """

    paths: dict[Steps, str] = field(default_factory=dict)
    runs: list[Steps] = field(default_factory=list)
    homeless: list[Steps] = field(default_factory=list)
    uses: dict[Steps, tuple[str, str, frozenset[str]]] = field(default_factory=dict)

    def specs(self, document: JSON) -> dict[Steps, ComponentSpec]:
        """Return the components that are named, by the steps to where `document` names them."""
        found = {}
        for steps, (kind, name, keys) in self.uses.items():
            part: Any = document
            for step in steps:
                part = part[step]
            given = part if isinstance(part, Mapping) else {}
            parameters = {key: value for key, value in given.items() if key not in keys}
            found[steps] = ComponentSpec(kind, name, parameters)
        return found


def survey(root: Node, schema: Schema, checker: SchemaChecker) -> Survey:
    """Walk the tree and its schema together; of alternatives, those that hold are followed."""
    found = Survey()
    seen: set[tuple[int, Steps]] = set()
    open_ends = [_Visit(root, (), schema, schema, checker.judge(schema))]
    while open_ends:
        visit = open_ends.pop()
        if (id(visit.schema), visit.steps) in seen:
            continue
        seen.add((id(visit.schema), visit.steps))
        _note_path(visit, found)
        open_ends.extend(_parts(visit))
        open_ends.extend(_alternatives(visit))
        if USE in visit.schema:
            open_ends.extend(_component(visit, checker, found))
    return found


@dataclass(frozen=True)
class _Visit:
    """One node with a schema that holds for it, and the root of that schema's references."""

    node: Node
    steps: Steps
    schema: Schema
    root: Schema
    satisfies: Callable[[Schema, object], bool]

    def at(self, node: Node, schema: object, *steps: str | int) -> Iterator[_Visit]:
        if isinstance(schema, Mapping):
            yield _Visit(node, (*self.steps, *steps), schema, self.root, self.satisfies)


def _note_path(visit: _Visit, found: Survey) -> None:
    form = visit.schema.get("format")
    if form not in (*PATH_FORMATS, RUN_FORMAT) or not isinstance(visit.node, Scalar):
        return
    text = visit.node.value
    if form == RUN_FORMAT:
        found.runs.append(visit.steps)
    if isinstance(text, SourceText):
        try:
            path = text.base / Path(text).expanduser()
            if form != RUN_FORMAT or as_run(text) == path:
                found.paths[visit.steps] = str(path)
        except RuntimeError:
            found.homeless.append(visit.steps)


def _parts(visit: _Visit) -> Iterator[_Visit]:
    schema, node = visit.schema, visit.node
    if isinstance(node, MappingNode):
        known = schema.get("properties", {})
        for key, entry in node.entries.items():
            part = known.get(key, schema.get("additionalProperties"))
            yield from visit.at(entry.node, part, key)
    elif isinstance(node, ListNode):
        first = schema.get("prefixItems", ())
        for index, item in enumerate(node.items):
            part = first[index] if index < len(first) else schema.get("items")
            yield from visit.at(item, part, index)


def _alternatives(visit: _Visit) -> Iterator[_Visit]:
    schema = visit.schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(LOCAL):
        target = visit.root.get("$defs", {}).get(reference.removeprefix(LOCAL))
        yield from visit.at(visit.node, target)
    for part in schema.get("allOf", ()):
        yield from visit.at(visit.node, part)
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if not branches:
        return
    data = plain(visit.node)
    holding = [branch for branch in branches if visit.satisfies(branch, data)]
    # `Path | Literal["auto"]`: the word is the word.
    if any("const" in branch or "enum" in branch for branch in holding):
        return
    for branch in holding:
        yield from visit.at(visit.node, branch)


def _component(visit: _Visit, checker: SchemaChecker, found: Survey) -> Iterator[_Visit]:
    rule, node = visit.schema[USE], visit.node
    if isinstance(node, MappingNode):
        named = node.entries["use"].node if "use" in node.entries else None
    else:
        named = node
    if not isinstance(named, Scalar) or not isinstance(named.value, str):
        return
    schema = checker.schema_of_use(rule, str(named.value))
    if isinstance(schema, Refusal):
        return
    keys = frozenset({"use", *rule["keys"]})
    found.uses[visit.steps] = (rule["kind"], str(named.value), keys)
    yield _Visit(node, visit.steps, schema, schema, checker.judge(schema))
