"""What child processes say of components: one process serves all that are announced."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from taskspace.components import JSON, Component
from taskspace.python_process import ending
from taskspace.registry.bounded.strict_json import parsed
from taskspace.registry.descriptions.contained import TIME_LIMIT, read_answer
from taskspace.registry.processes.supervised import run_contained

Answer: TypeAlias = dict[str, Any]
"""`value`, or `failure` with the reason."""


class Children:
    """Describes and activates components in child processes, when first asked.

    Args:
        announced: classes with their parameters.
        seconds: time limit of each process.
    """

    def __init__(
        self,
        announced: Iterable[tuple[type[Component], Mapping[str, JSON]]],
        *,
        seconds: float = TIME_LIMIT,
    ) -> None:
        self._announced = list(announced)
        self._seconds = seconds
        self._answers: dict[str, Answer] = {}

    def described(self, cls: type[Component]) -> Answer:
        """Return the description of an announced class as JSON, made where nothing else runs."""
        return self._answer("describe", cls)

    def activated(self, cls: type[Component]) -> Answer:
        """Return the spec as JSON of an announced component, made from its name elsewhere."""
        return self._answer("activate", cls)

    def _answer(self, step: str, cls: type[Component]) -> Answer:
        if not self._answers:
            self._ask()
        return self._answers[f"{step} {_target(cls)}"]

    def _ask(self) -> None:
        pending: list[dict[str, Any]] = [
            {
                "step": step,
                "kind": cls.kind,
                "name": getattr(cls, "name", None),
                "target": _target(cls),
                "parameters": dict(parameters),
            }
            for cls, parameters in self._announced
            for step in ("describe", "activate")
        ]
        while pending:
            answers, status = self._run(pending)
            explained = bool(answers) and "failure" in answers[-1]
            if len(answers) < len(pending) and not explained:
                # Whoever ended the process is to blame; the rest is asked again.
                said = (
                    f"It took more than {self._seconds:g} s."
                    if status is None
                    else f"It ended the process ({ending(status)})."
                )
                answers.append({"failure": said})
            for item, answer in zip(pending, answers, strict=False):
                self._answers[f"{item['step']} {item['target']}"] = answer
            pending = pending[len(answers) :]

    def _run(self, pending: list[dict[str, Any]]) -> tuple[list[Answer], int | None]:
        with tempfile.TemporaryDirectory(
            prefix="taskspace-conformance-", ignore_cleanup_errors=True
        ) as folder:
            request, answer = Path(folder) / "request.json", Path(folder) / "answer.jsonl"
            request.write_text(json.dumps(pending), encoding="utf-8")
            module = "taskspace.testing.child"
            status = run_contained(
                [module, str(request), str(answer)],
                folder=Path(folder),
                seconds=self._seconds,
            )
            said = read_answer(answer) if answer.exists() else b""
        # A failed answer is the last: the child's interpreter wrote the error down and left.
        answers: list[Answer] = [parsed(line) for line in said.splitlines()]
        return answers, status


def _target(cls: type[Component]) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"
