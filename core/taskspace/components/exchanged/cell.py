"""Cells: the smallest resumable units of a run, and what they need and give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from taskspace.components.base import JSON, Component, ComponentSpec
from taskspace.components.exchanged.checkpoint import Checkpoint

if TYPE_CHECKING:
    import numpy as np
    import torch

ComponentT = TypeVar("ComponentT", bound=Component)


@dataclass(frozen=True)
class CellFunction:
    """The code of a cell, by name, so that planning imports none of it.

    Attributes:
        target: `package.module:function`. Plain: `(Call) -> Result`. Batched:
            `(Sequence[Call]) -> Iterator[tuple[int, Result | Exception]]`, one pair for each call,
            in any order, so that a call that fails takes no other with it.
        version: raised whenever the function's results change; part of every key.
    """

    target: str
    version: int
    batched: bool = False


@dataclass(frozen=True)
class Resources:
    """What one cell needs while it runs."""

    cpus: int = 1
    gpus: float = 0.0


@dataclass(frozen=True)
class Cell:
    """A pure function of its parameters, its components and its inputs' results.

    Attributes:
        name: for people and for seeds: `transfer/parity+edges->loops`.
        key: hash of everything that decides the result; known before anything runs.
        components: slot to component, for example `{"task": ..., "dataset": ...}`.
        identities: slot to the digest of what the component is: its parameters, its source and,
            for a dataset, its content. Part of the key; a worker that finds another one refuses.
        inputs: input name to the key of the cell that gives it.
        batch: ready cells of one function and one batch may run together in one worker.
    """

    name: str
    key: str
    function: CellFunction
    parameters: Mapping[str, JSON]
    components: Mapping[str, ComponentSpec]
    inputs: Mapping[str, str]
    identities: Mapping[str, str] = field(default_factory=dict)
    batch: str | None = None
    resources: Resources = Resources()

    def as_json(self) -> dict[str, JSON]:
        """Return the cell as it travels to workers; `Cell.from_json` reads it."""
        return {
            "name": self.name,
            "key": self.key,
            "function": asdict(self.function),
            "parameters": dict(self.parameters),
            "components": {slot: spec.as_json() for slot, spec in self.components.items()},
            "inputs": dict(self.inputs),
            "identities": dict(self.identities),
            "batch": self.batch,
            "resources": asdict(self.resources),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Cell:
        """Return the cell that `as_json` wrote."""
        return cls(
            **{
                **data,
                "function": CellFunction(**data["function"]),
                "components": {
                    slot: ComponentSpec(**spec) for slot, spec in data["components"].items()
                },
                "resources": Resources(**data["resources"]),
            }
        )


@dataclass(frozen=True)
class Stage:
    """Cells that a study wants next; later stages may depend on what they measure.

    Attributes:
        upcoming: how many cells of which sort will follow, as far as is known; for `--dry-run`.
    """

    name: str
    cells: Sequence[Cell]
    upcoming: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What a cell gives: arrays (npy), weights (safetensors) and a record (JSON)."""

    record: Mapping[str, JSON] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    weights: Mapping[str, torch.Tensor] = field(default_factory=dict)


class Stored(Protocol):
    """The stored result of a cell; every read is verified against its checksum."""

    key: str

    @property
    def record(self) -> Mapping[str, Any]:
        """Return the JSON record."""
        ...

    def array(self, name: str) -> np.ndarray:
        """Return an array, memory-mapped and read-only."""
        ...

    def weights(self) -> dict[str, torch.Tensor]:
        """Return all weights, on the CPU."""
        ...


@dataclass(frozen=True)
class Failure:
    """Why a cell has no result."""

    cell: Cell
    message: str
    blocked_by: str | None = None


class Call(Protocol):
    """One cell as its function sees it.

    Attributes:
        checkpoint: where a function that takes minutes keeps what it needs to go on after a kill.
    """

    name: str
    parameters: Mapping[str, Any]
    inputs: Mapping[str, Stored]
    device: str
    cpus: int
    checkpoint: Checkpoint

    def identity(self, slot: str) -> str:
        """Return the digest of what the component in `slot` is; for a dataset, of its content."""
        ...

    def component(self, slot: str, kind: type[ComponentT]) -> ComponentT:
        """Return the component in `slot`; raises TypeError if it is of another kind."""
        ...


@dataclass(frozen=True)
class Workplace:
    """Where cells run: paths and names only, so that it travels to any process.

    Attributes:
        device: as torch names it: `cpu`, `cuda`, `cuda:1`.
        perform: `package.module:function`, called as `perform(assignment, workplace)`; yields
            exactly one report for each cell.
        directory: the folder from which registry.toml is looked for.
        registry: digest of the plugins in use; a worker with another one refuses.
        plugins, frozen, blocked: which plugins may be used, as `Registry.load` takes them.
    """

    store: Path
    device: str
    perform: str
    registry: str
    directory: Path
    plugins: bool = True
    frozen: bool = False
    blocked: tuple[str, ...] = ()

    def as_json(self) -> dict[str, JSON]:
        """Return the workplace as it travels; `Workplace.from_json` reads it."""
        return {
            **asdict(self),
            "store": str(self.store),
            "directory": str(self.directory),
            "blocked": list(self.blocked),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Workplace:
        """Return the workplace that `as_json` wrote."""
        return cls(
            **{
                **data,
                "store": Path(data["store"]),
                "directory": Path(data["directory"]),
                "blocked": tuple(data["blocked"]),
            }
        )
