"""From a description to the class, imported in the process that needs it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from taskspace.errors import RegistryError
from taskspace.registry.descriptions.contained import LIMIT_VARIABLE, time_limit
from taskspace.registry.descriptions.description import BUILT_IN, Description
from taskspace.unable_to_exit import Ended, unable_to_exit

if TYPE_CHECKING:
    from taskspace.components import JSON, Component
    from taskspace.components.part import MakeComponent

AGAIN_SECONDS = 1.0
"""Code that swallows the exception of the time limit gets another one after this time."""


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


def made(
    cls: type[Component], parameters: Mapping[str, JSON], plugin: str, make: MakeComponent
) -> Component:
    """Return the component of a class with parameters.

    Args:
        cls: the class, activated.
        parameters: as a job sets them.
        plugin: the distribution that provides it.
        make: makes those of the parameters that are components.

    Raises:
        pydantic.ValidationError: if it refuses the parameters.
        RegistryError: if its own code fails, takes too long, or would end this process.
    """
    # Costs pydantic, which listing does without.
    from taskspace.components.part import MAKE  # noqa: PLC0415

    with _guarded(f"Checking the parameters of {cls.__qualname__}", is_ours=plugin == BUILT_IN):
        return cls.model_validate(dict(parameters), context={MAKE: make})


def _resolved(target: str, *, is_ours: bool) -> Any:
    with _guarded(f"Importing {target}", is_ours=is_ours):
        return resolve_name(target)


@contextmanager
def _guarded(what: str, *, is_ours: bool) -> Iterator[None]:
    """Run a plugin's code within the time limit for describing it, unable to end this process.

    That it was described in a process of its own says little: it may do otherwise here. The limit
    holds in the main thread alone: Python interrupts no other.

    Args:
        what: is done, as a sentence begins: `Importing weather.plugin:Rain`.

    Raises:
        RegistryError: for whatever the code raises, ValidationError apart; if it takes too long,
            or would end the process.
    """
    from pydantic import ValidationError  # noqa: PLC0415  listing does without

    try:
        if is_ours:
            # It needs no guard: PyTorch from a cold disk takes its time.
            yield
        else:
            seconds = time_limit()
            with unable_to_exit(what), _limited(seconds):
                yield
    except (KeyboardInterrupt, RegistryError, ValidationError):
        raise
    except Ended as error:
        raise RegistryError(f"{what} {error}.") from error
    except BaseException as error:
        raise RegistryError(f"{what} failed: {type(error).__name__}: {error}.") from error


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getitimer(signal.ITIMER_REAL)[0]:  # somebody else's alarm clock
        yield
        return
    is_running = True

    def late(*_: object) -> None:
        if is_running:
            raise Ended(f"took more than {seconds:g} s ({LIMIT_VARIABLE} allows more)")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
    try:
        yield
    finally:
        is_running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        if signal.getsignal(signal.SIGALRM) is late:
            signal.signal(signal.SIGALRM, before)
