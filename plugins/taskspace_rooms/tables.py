"""Dataclasses of tensors, read as tables: a row of each tensor is one thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import torch
from torch import Tensor

Table = TypeVar("Table", bound=Any)


def mapped(table: Table, change: Callable[[Tensor], Tensor]) -> Table:
    """Return a table with each of its tensors changed, those of tables in it too."""
    values = {field.name: getattr(table, field.name) for field in fields(table)}
    changed = {
        name: change(value) if isinstance(value, Tensor) else mapped(value, change)
        for name, value in values.items()
    }
    return type(table)(**changed)  # type: ignore[no-any-return]


def joined(parts: Sequence[Table]) -> Table:
    """Return the rows of all parts, in order."""
    if len(parts) == 1:
        return parts[0]
    rows = {
        field.name: torch.cat([getattr(part, field.name) for part in parts])
        for field in fields(parts[0])
    }
    return type(parts[0])(**rows)  # type: ignore[no-any-return]
