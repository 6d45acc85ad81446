"""What runs in the child process of `processes`: one answer a line, the first failure the last."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from types import TracebackType
from typing import Any

from pydantic import ValidationError

from taskspace.components import API_VERSION
from taskspace.components.part import MAKE
from taskspace.errors import RegistryError
from taskspace.registry.activation import imported
from taskspace.registry.descriptions.child import explain, packages_of
from taskspace.registry.descriptions.describing import describe_class
from taskspace.registry.descriptions.description import Description
from taskspace.registry.distributions.from_source import import_from_source
from taskspace.testing.subject import part_of, refusal


def main(request: Path, answer: Path) -> None:
    """Answer every item of `request` in order, as JSON lines in `answer`."""
    with answer.open("a", encoding="utf-8", buffering=1) as stream:
        own = frozenset[str]()

        def failed(
            kind: type[BaseException], error: BaseException, at: TracebackType | None
        ) -> None:
            with answer.open("a", encoding="utf-8") as last:
                last.write(json.dumps({"failure": explain(error, at, own)}) + "\n")

        sys.excepthook = failed
        for item in json.loads(request.read_text(encoding="utf-8")):
            own = packages_of([item["target"]])
            import_from_source([item["target"]])
            value = _described(item) if item["step"] == "describe" else _activated(item)
            stream.write(json.dumps({"value": value}) + "\n")


def _described(item: dict[str, Any]) -> object:
    return describe_class(resolve_name(item["target"]), item["kind"], "conformance", "0").as_json()


def _activated(item: dict[str, Any]) -> object:
    description = Description(
        kind=item["kind"],
        name=item["name"],
        plugin="conformance",
        version="0",
        summary="",
        target=item["target"],
        schema={},
        facts={},
        api=API_VERSION,
    )
    try:
        cls, context = imported(description), {MAKE: partial(part_of, siblings={})}
        component = cls.model_validate(item["parameters"], context=context)
    except ValidationError as error:
        raise RegistryError(refusal(error)) from error
    return component.spec().as_json()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
