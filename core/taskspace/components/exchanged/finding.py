"""Findings: what a reader must know of a result, computed once and shown wherever it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, get_args

from taskspace.components.base import JSON

Tone: TypeAlias = Literal["warning", "advice", "note"]
"""warning: something is missing, unstable or not to be trusted; advice: what to do; note: context.
"""

TONES: tuple[Tone, ...] = get_args(Tone)


@dataclass(frozen=True)
class Finding:
    """One statement about a result.

    A study returns its findings with its answer. The engine stores them in `result.json`; the
    report opens with them; the terminal, `tasks show` and notebooks print them.

    Attributes:
        code: what kind of statement it is, for programs: `network-overfitted`.
        tone: how serious it is.
        text: one or two sentences that stand on their own, without the word "Warning".
        details: further lines, one a subject; a report may fold them.
    """

    code: str
    tone: Tone
    text: str
    details: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.tone not in TONES:
            raise ValueError(f"The tone of {self.code!r} is {self.tone!r}, not one of {TONES}.")

    def as_json(self) -> dict[str, JSON]:
        """Return the finding as plain JSON; `Finding.from_json` reads it."""
        return {**asdict(self), "details": list(self.details)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """Return the finding that `as_json` wrote."""
        return cls(data["code"], data["tone"], data["text"], tuple(data["details"]))

    def line(self) -> str:
        """Return the text as a line of a terminal shows it."""
        return f"Warning: {self.text}" if self.tone == "warning" else self.text
