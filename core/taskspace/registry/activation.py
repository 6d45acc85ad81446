"""From a description to the class, imported in the process that needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from taskspace.errors import RegistryError
from taskspace.registry.descriptions.description import BUILT_IN, Description
from taskspace.registry.processes.guarded import guarded

if TYPE_CHECKING:
    from taskspace.components import JSON, Component


def imported(description: Description) -> type[Component]:
    """Return the class of a description.

    Raises:
        RegistryError: if it cannot be imported, takes too long, would end this process, or is not
            what was described.
    """
    # Costs pydantic, which listing does without.
    from taskspace.components import KINDS  # noqa: PLC0415

    found = _resolved(description.target, is_ours=description.plugin == BUILT_IN)
    if not (
        isinstance(found, type)
        and issubclass(found, KINDS[description.kind])
        and found.name == description.name
    ):
        raise RegistryError(
            f"{description.target} is not the {description.kind} {description.name!r} that was "
            "described."
        )
    return found


def imported_function(target: str) -> Any:
    """Return the function of cells that `module:function` names.

    Raises:
        RegistryError: as `imported` does.
    """
    return _resolved(target, is_ours=target.partition(".")[0] == BUILT_IN)


def made(cls: type[Component], parameters: Mapping[str, JSON], plugin: str) -> Component:
    """Return the component of a class with parameters.

    Args:
        cls: the class, activated.
        parameters: as a job sets them.
        plugin: the distribution that provides it.

    Raises:
        pydantic.ValidationError: if it refuses the parameters.
        RegistryError: if its own code fails, takes too long, or would end this process.
    """
    with _guarded(f"Checking the parameters of {cls.__qualname__}", is_ours=plugin == BUILT_IN):
        return cls.model_validate(dict(parameters))


def _resolved(target: str, *, is_ours: bool) -> Any:
    with _guarded(f"Importing {target}", is_ours=is_ours):
        return resolve_name(target)


@contextmanager
def _guarded(what: str, *, is_ours: bool) -> Iterator[None]:
    """Have whatever a plugin's code raises, ValidationError apart, be a RegistryError."""
    from pydantic import ValidationError  # noqa: PLC0415  listing does without

    try:
        # Our own code needs no guard: PyTorch from a cold disk takes its time.
        with nullcontext() if is_ours else guarded(what):
            yield
    except (KeyboardInterrupt, RegistryError, ValidationError):
        raise
    except BaseException as error:
        raise RegistryError(f"{what} failed: {type(error).__name__}: {error}.") from error
