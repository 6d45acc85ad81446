"""The seal of a run's folder: checksums of the files that are shown, exported or run again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

RunSeal: TypeAlias = Mapping[str, Sequence[str]]
"""File name to the checksums that it may have, the latest last.

While a run is under way a file may have two: it is sealed before it is written, so that a kill in
between leaves it sound.
"""


def checksum(content: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()


def parse_seal(content: bytes) -> RunSeal:
    """Return what a seal says; nothing of a damaged one, so that it vouches for no file."""
    try:
        files = json.loads(content)["files"]
        return {
            name: [sum_ for sum_ in sums if isinstance(sum_, str)] for name, sums in files.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def seal_text(seal: RunSeal) -> bytes:
    """Return the content of a seal's file."""
    return (json.dumps({"files": dict(seal)}, indent=1) + "\n").encode("ascii")


def admitting(seal: RunSeal, name: str, content: bytes) -> RunSeal:
    """Return the seal under which a file may be what it was or what it is about to be."""
    sums = [known for known in seal.get(name, ()) if known != checksum(content)]
    return {**seal, name: [*sums, checksum(content)]}


def concluded(seal: RunSeal) -> RunSeal:
    """Return the seal under which each file is what was written last, and nothing else."""
    return {name: sums[-1:] for name, sums in seal.items()}
