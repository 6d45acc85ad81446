"""What a command costs in processor time, compared with the imports that it cannot do without."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

TIMES = 5
NEEDED = "import jsonschema, pydantic, rich.console, typer"
"""0.13 s on a quiet machine of 2026; the commands stay under 0.3 s there."""


def processor_time(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> float:
    """Return the least processor time of several runs of `python ...`, in seconds."""
    times = []
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, *arguments],
            stdout=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


@cache
def needed_imports() -> float:
    """Return the processor time of the imports, on this machine as busy as it is now."""
    return processor_time(["-c", NEEDED], Path(__file__).parent)
