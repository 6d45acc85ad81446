"""`--set a.b.0.c='[2, 6]'`: one value of a job replaced, with its place in the argument."""

from __future__ import annotations

from pathlib import Path

from taskspace.components import SourceText
from taskspace.jobs.codes import Code
from taskspace.jobs.findings import Findings
from taskspace.jobs.schemas.shapes import Shapes, is_text, takes, takes_only_text
from taskspace.jobs.text.nodes import MappingEntry, MappingNode, Node, Scalar, scalars
from taskspace.jobs.text.override_path import LeadsNowhereError, item_step, parent_of, segments_of
from taskspace.jobs.text.places import Source, SourcePlace, Steps
from taskspace.jobs.text.scalars import is_null
from taskspace.jobs.text.yaml_tree import MAX_BYTES, MAX_DEPTH, read_yaml

LABEL = "--set"


def apply_override(
    root: MappingNode,
    argument: str,
    order: int,
    base: Path,
    findings: Findings,
    shapes: Shapes | None = None,
) -> None:
    """Replace in `root` what `argument` (`dotted.path=YAML`) says; what is wrong is noted.

    Mappings that are missing on the way are made; a text on the way that is short for a mapping
    becomes that, `{use: NAME}` for a component, so that `dataset.images=5` works for
    `dataset: rooms`. Where text alone is meant, the value is text and needs no quotes.

    Args:
        order: the number of the argument, from 1.
        base: the folder against which paths in the value are read.
        shapes: what the values may be; None where that is unknown, and values are YAML alone.
    """
    source = Source.of_text(argument, LABEL, base, order)
    head, equals, tail = argument.partition("=")
    whole = SourcePlace(source, 1, 1, max(len(source.lines[0]), 1))
    segments = segments_of(head, source)
    message, code = None, Code.OVERRIDE
    if not equals:
        message = "`--set` needs a path and a value: `--set train.epochs=5`."
    elif not head.isprintable():
        message = "The path before `=` has a character that no key has."
    elif any(not segment for segment, _ in segments):
        message = "The path before `=` has an empty part: write it as in `train.epochs=5`."
    elif len(segments) > MAX_DEPTH:
        message, code = f"This path is deeper than {MAX_DEPTH} levels.", Code.TOO_LARGE
    if message:
        findings.add(code, message, whole, ())
        return
    try:
        parent, steps = parent_of(root, segments, shapes)
        last, place = segments[-1]
        step = item_step(parent, last, place, steps)
    except LeadsNowhereError as error:
        findings.add(Code.OVERRIDE, *error.args)
        return
    steps = (*steps, step)
    value: Node | None = None
    if shapes is not None and takes_only_text(shapes(root, steps)):
        value = _text(tail, source, len(head) + 1)
    if value is None:
        value = read_yaml(tail, source, findings, offset=len(head) + 1, at=steps)
    if value is None:
        return
    if isinstance(parent, MappingNode):
        parent.entries[last] = MappingEntry(place, value)
    else:
        parent.items[int(last)] = value
    if shapes is not None:
        _write_out_texts(root, value, steps, shapes)


def _text(tail: str, source: Source, offset: int) -> Scalar | None:
    """Return a value as the text that it is; None where YAML has to say what it means."""
    text = tail.strip()
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    if not text or is_quoted or not text.isprintable() or len(text) > MAX_BYTES:
        return None
    column = offset + len(tail) - len(tail.lstrip()) + 1
    place = SourcePlace(source, 1, column, len(text))
    value = SourceText(text, source.base)
    return Scalar(place, None if is_null(text) else value, written=text)


def _write_out_texts(root: Node, value: Node, above: Steps, shapes: Shapes) -> None:
    """Make texts of the numbers and words below `value` that can be nothing else."""
    for steps, scalar in scalars(value, above):
        if not scalar.written or isinstance(scalar.value, str):
            continue
        alternatives = shapes(root, steps)
        if any(map(is_text, alternatives)) and not any(
            takes(schema, scalar.value) for schema in alternatives
        ):
            scalar.value = SourceText(scalar.written, scalar.place.source.base)
