"""Every error that taskspace raises on purpose.

TaskspaceError                   what happened, where, and what to do next
├── InputError                   the input is wrong: exit status 2
│   ├── JobInvalid               a job file, with every mistake in it
│   ├── DataError                a dataset that is missing, empty or unreadable
│   ├── TableError               a table of transfers that cannot be used
│   ├── NotFound                 no such run, component or study
│   └── RegistryError            registry.toml, or a plugin that may not be used
│       └── ComponentUnavailable a component whose plugin is disabled, unlisted or quarantined
├── RunError                     the run failed: exit status 1
│   ├── CellError                one cell failed; the others went on
│   ├── StoreError               the store cannot be written or read
│   │   └── ArtifactDamaged      bytes in the store are not the bytes that were written
│   ├── RunLocked                another process executes this run
│   └── ExecutorError            the workers could not be started or were lost
├── SolverError                  exit status 1
│   ├── SolverMissing            the solver's program or library is not installed
│   └── SolutionRejected         what a solver returned does not satisfy the model
└── RunInterrupted               stopped by the user: exit status 130
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class TaskspaceError(Exception):
    """An error with what happened, where, and what to do next.

    Args:
        what: one sentence, with the value that was found.
        where: a file, a position or a plugin, as the user would write it.
        advice: the next step for the user.
    """

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "TSK100"

    def __init__(self, what: str, *, where: str | None = None, advice: str | None = None) -> None:
        super().__init__(what, where, advice)
        self.what = what
        self.where = where
        self.advice = advice

    def __str__(self) -> str:
        located = f"{self.where}: {self.what}" if self.where else self.what
        return f"{located} {self.advice}" if self.advice else located

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.__dict__.copy()))


def _rebuild(cls: type[TaskspaceError], state: dict[str, object]) -> TaskspaceError:
    error = cls.__new__(cls)
    error.__dict__.update(state)
    return error


class InputError(TaskspaceError):
    """What the user gave cannot be used."""

    exit_code = 2
    code = "TSK200"


@dataclass(frozen=True)
class Problem:
    """One mistake in a job; lines and columns count from 1, and are 0 where there is no text."""

    code: str
    message: str
    file: str
    line: int
    column: int
    path: str
    suggestion: str | None = None
    source_line: str = ""
    width: int = 1


class JobInvalid(InputError):
    """A job file with at least one mistake; `problems` holds all of them, in file order."""

    code = "TSK210"

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        count = len(problems)
        position = f"{first.line}:{first.column}" if first.line else first.path
        super().__init__(
            f"{count} mistake{'s' if count > 1 else ''}: {first.message}",
            where=f"{first.file}:{position}",
        )
        self.problems = tuple(problems)


class DataError(InputError):
    """A dataset is missing, empty or unreadable."""

    code = "TSK220"


class TableError(InputError):
    """A table of transfers cannot be used as it is."""

    code = "TSK230"


class NotFound(InputError):
    """Nothing has this name."""

    code = "TSK240"


class RegistryError(InputError):
    """registry.toml is wrong, or a plugin may not be used."""

    code = "TSK250"


class ComponentUnavailable(RegistryError):
    """A component exists but its plugin is disabled, unlisted or quarantined."""

    code = "TSK251"


class RunError(TaskspaceError):
    """A run failed after its input was accepted."""

    code = "TSK300"


class CellError(RunError):
    """One cell failed: names the cell and, where there is one, the task and the step."""

    code = "TSK310"


class StoreError(RunError):
    """The store cannot be read or written."""

    code = "TSK320"


class ArtifactDamaged(StoreError):
    """Bytes in the store are not the bytes that were written."""

    code = "TSK321"

    def __init__(self, key: str, file: str) -> None:
        super().__init__(
            f"The stored result {key[:12]} is damaged ({file}).",
            where=file,
            advice="Run the job again: what is damaged is computed anew.",
        )
        self.key = key


class RunLocked(RunError):
    """Another process executes this run."""

    code = "TSK330"


class ExecutorError(RunError):
    """The workers could not be started, or were lost."""

    code = "TSK340"


class SolverError(TaskspaceError):
    """A solver could not do its work."""

    code = "TSK400"


class SolverMissing(SolverError):
    """The solver's program or library is not installed."""

    code = "TSK410"


class SolutionRejected(SolverError):
    """What a solver returned does not satisfy the model it was given."""

    code = "TSK420"


class RunInterrupted(TaskspaceError):
    """The user stopped the run; what was computed is kept."""

    exit_code = 130
    code = "TSK500"
