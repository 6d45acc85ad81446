"""Running the checks of a component's kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from taskspace.components import JSON, Component, Dataset, Shape
from taskspace.registry.descriptions.child import explain, packages_of
from taskspace.testing import common
from taskspace.testing.checks.serving import Blobs
from taskspace.testing.inventory import INVENTORY
from taskspace.testing.processes import Children
from taskspace.testing.report import Outcome, Report
from taskspace.testing.subject import NotApplicable, RuleBroken, Subject, Unmade

Check = Callable[[Subject], None]
"""Returns if the rule holds; raises NotApplicable, or anything else if it does not."""

GROUPS = ("taskspace.testing.checks", "taskspace.testing.checks.transferability")
"""Packages in which a kind has its file or folder."""


def checks_of(kind: str) -> dict[str, Check]:
    """Return the checks of a kind by name: in `common`, and in its file or folder in `checks`.

    A folder has one or several topics of a kind, or, in `GROUPS`, the files of several kinds. What
    a check imports (torch, pyomo) is imported when a component of its kind is tried.
    """
    found = dict(vars(common))
    for name in (f"{group}.{kind}" for group in GROUPS):
        if not find_spec(name):
            continue
        own = import_module(name)
        parts = [
            import_module(f"{name}.{p.name}") for p in iter_modules(getattr(own, "__path__", ()))
        ]
        for module in (own, *parts):
            found |= vars(module)
    return {check: found[check] for check in INVENTORY[kind] if check in found}


MAKING = common.parameters_are_valid.__name__
"""Says why a component cannot be made; after its failure, checks that need one are skipped."""

IMAGES: tuple[Shape, ...] = ((1, 8, 8), (3, 32, 32))


def check_component(
    cls: type[Component],
    *,
    parameters: Mapping[str, JSON] | None = None,
    dataset: Dataset | None = None,
    images: tuple[Shape, ...] = IMAGES,
    excused: Mapping[str, str] | None = None,
    only: Collection[str] | None = None,
    children: Children | None = None,
    siblings: Mapping[str, type[Component]] | None = None,
    failed: Collection[str] = (),
) -> Report:
    """Return how a component does on every check of its kind.

    Args:
        cls: the component's class.
        parameters: with which it is tried; by default none.
        dataset: whose samples a task is tried on; by default coloured blobs with a class, a
            number and a map.
        images: the shapes of images that networks are tried on.
        excused: check name to reason, for failures that are known; an excused check that passes
            is a failure, so that no excuse outlives its reason.
        only: names of the checks to run; by default all.
        children: child processes shared with other components, which saves their start.
        siblings: the classes of its plugin as `task:rain`, which the job of a study may name.
        failed: names of checks that have failed already, where they run one by one.
    """
    excused = excused or {}
    parameters = parameters or {}
    subject = Subject(
        cls=cls,
        parameters=parameters,
        dataset=dataset or Blobs(),
        images=images,
        children=children or Children([(cls, parameters)]),
        siblings=siblings or {},
    )
    present = checks_of(cls.kind)
    unknown = {*excused, *(only or ())} - set(INVENTORY[cls.kind])
    if unknown:
        raise ValueError(f"There is no check {sorted(unknown)[0]!r} for the kind {cls.kind!r}.")
    outcomes: list[Outcome] = []
    for name in INVENTORY[cls.kind]:
        if only is None or name in only:
            unmade = MAKING in {*failed, *(o.check for o in outcomes if o.status == "failed")}
            outcomes.append(_outcome(name, present.get(name), subject, excused.get(name), unmade))
    return Report(f"{cls.kind}:{getattr(cls, 'name', cls.__qualname__)}", outcomes)


def _outcome(
    name: str, check: Check | None, subject: Subject, excuse: str | None, unmade: bool
) -> Outcome:
    if check is None:
        return Outcome(name, "failed", "The check is in the inventory and was not found.")
    found = _tried(name, check, subject, unmade)
    if excuse is None or found.status == "skipped":
        return found
    if found.status == "failed":
        return Outcome(name, "excused", excuse)
    return Outcome(name, "failed", f"It passes; the excuse is not needed: {excuse}")


def _tried(name: str, check: Check, subject: Subject, unmade: bool) -> Outcome:
    try:
        check(subject)
    except NotApplicable as reason:
        return Outcome(name, "skipped", str(reason))
    except Unmade as refused:
        if unmade:
            return Outcome(name, "skipped", f"{MAKING} failed.")
        return Outcome(name, "failed", str(refused))
    except RuleBroken as violation:
        return Outcome(name, "failed", str(violation))
    except Exception as error:  # noqa: BLE001  whatever a component raises is its failure
        own = packages_of([subject.cls.__module__])
        return Outcome(name, "failed", explain(error, error.__traceback__, own), error)
    return Outcome(name, "passed")
