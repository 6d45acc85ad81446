"""What commands print: lines for people, JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from taskspace_cli.terminal.streams import visible


def echo(text: str = "", *, err: bool = False) -> None:
    """Print text to stdout, or to stderr; control characters are escaped."""
    stream = sys.stderr if err else sys.stdout
    if stream is not None:
        print(visible(text), file=stream, flush=True)


def echo_json(record: Mapping[str, Any]) -> None:
    """Print a record as one line of JSON to stdout, with nothing in it that controls a terminal."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    echo(json.dumps(record, ensure_ascii=not encoding.lower().startswith("utf")))


def answer(record: Mapping[str, Any], *lines: str, as_json: bool) -> None:
    """Print what a command has done: a record for machines, lines for people."""
    if as_json:
        echo_json(record)
    else:
        echo("\n".join(lines))
