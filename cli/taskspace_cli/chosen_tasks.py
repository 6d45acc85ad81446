"""Which tasks a sheet of a dataset shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taskspace.components import ComponentSpec, Dataset, Task
    from taskspace.registry import Registry


def named_tasks(given: Sequence[str], made: Dataset, registry: Registry) -> dict[str, Task]:
    """Return the tasks that are asked for by title, in that order.

    Args:
        given: names, or `{use: NAME, parameter: value}`.

    Raises:
        JobInvalid: for a name that no task has, or a parameter that the task has not.
        TaskspaceError: for a task that the dataset does not serve.
    """
    from taskspace.components.exchanged.class_fields import own_fields  # noqa: PLC0415
    from taskspace.errors import InputError  # noqa: PLC0415  for `--help`
    from taskspace.jobs import read_reference  # noqa: PLC0415

    fields, tasks = made.fields(), {}
    for each in given:
        spec = read_reference(each, "task", "--task", registry)
        task = _made(spec, registry)
        task.head(fields)
        if lacking := sorted(task.needs(fields) - set(fields)):
            raise InputError(
                f"The dataset {made.name!r} has no {', '.join(map(repr, lacking))}, which the task "
                f"{spec.name!r} needs.",
                where="--task",
                advice=f"It has {', '.join(map(repr, own_fields(fields)))}.",
            )
        tasks[_title(spec)] = task
    return tasks


def usual_tasks(made: Dataset, registry: Registry, *, every: bool) -> dict[str, Task]:
    """Return by title the tasks of the dictionary, then one on each label that none of them reads.

    There may be tasks among them that the dataset lacks a field for.

    Args:
        every: whether all other tasks follow.
    """
    from taskspace.studies.taxonomy.dictionary import DICTIONARY  # noqa: PLC0415  for `--help`

    known = {d.name: d for d in registry.descriptions("task")}
    dictionary = {name: _named(name, registry) for name in DICTIONARY if name in known}
    tasks = dictionary | dict(_on_own_labels(made, dictionary, registry))
    if every:
        told = {*_general(registry), *(n for n, d in known.items() if d.schema.get("required"))}
        tasks |= {
            name: _named(name, registry) for name in known if name not in told | dictionary.keys()
        }
    return tasks


def _on_own_labels(
    made: Dataset, tasks: dict[str, Task], registry: Registry
) -> Iterator[tuple[str, Task]]:
    """Yield a title and a task for each field that the tasks leave."""
    from taskspace.components import ComponentSpec  # noqa: PLC0415  for `--help`
    from taskspace.components.exchanged.class_fields import (  # noqa: PLC0415
        class_field,
        own_fields,
    )
    from taskspace.errors import TaskspaceError  # noqa: PLC0415

    fields = made.fields()
    needs = [task.needs(fields) for task in tasks.values()]
    used = {"image"}.union(*(need for need in needs if need <= set(fields)))
    for field in sorted(
        name for name in own_fields(fields) if not {name, class_field(fields, name)} & used
    ):
        for name in _general(registry) if len(fields[field].shape) != 1 else ():
            # A row of numbers is no task by itself: a camera, say.
            spec = ComponentSpec("task", name, {"field": field})
            task = _made(spec, registry)
            try:
                task.head(fields)
            except TaskspaceError:
                continue  # it is for fields of another sort
            yield _title(spec), task


def _general(registry: Registry) -> list[str]:
    """Return the tasks that are told their field."""
    told = registry.descriptions("task")
    return [d.name for d in told if "field" in d.schema.get("properties", {})]


def _named(name: str, registry: Registry) -> Task:
    from taskspace.components import ComponentSpec  # noqa: PLC0415  for `--help`

    return _made(ComponentSpec("task", name, {}), registry)


def _made(spec: ComponentSpec, registry: Registry) -> Task:
    from taskspace.components import Task  # noqa: PLC0415  for `--help`

    task = registry.component(spec)
    assert isinstance(task, Task)
    return task


def _title(spec: ComponentSpec) -> str:
    told = [f"{v}" if key == "field" else f"{key} {v}" for key, v in spec.parameters.items()]
    return ": ".join([spec.name, ", ".join(told)]) if told else spec.name
