"""A component that an option names, outside any job: `--executor '{use: ray, address: auto}'`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from taskspace.components import JSON, ComponentSpec
from taskspace.jobs.findings import Findings
from taskspace.jobs.schemas.checker import SchemaChecker
from taskspace.jobs.schemas.shapes import shapes_of
from taskspace.jobs.schemas.structure import check_structure
from taskspace.jobs.schemas.survey import survey
from taskspace.jobs.text.nodes import MappingEntry, MappingNode, plain
from taskspace.jobs.text.overrides import apply_override
from taskspace.jobs.text.places import Source
from taskspace.jobs.text.python_tree import read_python
from taskspace.jobs.text.yaml_tree import read_yaml
from taskspace.registry import Registry
from taskspace.registry.bounded.schema_keywords import USE


def read_reference(
    given: str | Mapping[str, Any],
    kind: str,
    label: str,
    catalogue: Registry,
    overrides: Sequence[str] = (),
) -> ComponentSpec:
    """Return the component that `given` names, as a job would: `NAME` or `{use: NAME, ...}`.

    Args:
        given: YAML, or a mapping.
        kind: of the component.
        label: what the user knows `given` by, `--executor`.
        catalogue: the components that are installed.
        overrides: `key=YAML`, parameters that go before those in `given`.

    Raises:
        JobInvalid: with every mistake in it.
    """
    findings, here = Findings(), Path.cwd()
    if isinstance(given, str):
        node = read_yaml(given, Source.of_text(given, label, here), findings, at=(kind,))
    else:
        node = read_python({kind: given}, Source(label, here), findings)
        node = node.entries[kind].node if isinstance(node, MappingNode) else None
    if node is None:
        raise findings.error()
    root = MappingNode(node.place, {kind: MappingEntry(node.place, node)})
    schema = {"type": "object", "properties": {kind: {USE: {"kind": kind, "keys": {}}}}}
    checker = SchemaChecker(catalogue)
    shapes = shapes_of(schema, checker)
    for order, argument in enumerate(overrides, start=1):
        apply_override(root, f"{kind}.{argument}", order, here, findings, shapes)
    check_structure(root, plain(root), schema, checker, findings)
    if findings:
        raise findings.error()
    found = survey(root, schema, checker)
    document: JSON = plain(root, found.paths)
    return found.specs(document)[(kind,)]
