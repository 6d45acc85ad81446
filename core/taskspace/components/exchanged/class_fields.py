"""Which field a task of classes reads: one of classes, or the class ids of one of whole numbers."""

from __future__ import annotations

from collections.abc import Mapping

from taskspace.components.dataset import Field


def class_ids_name(name: str) -> str:
    """Return the name of the field that holds the numbers of the field `name` as class ids."""
    return f"{name} (classes)"


def class_field(fields: Mapping[str, Field], name: str) -> str:
    """Return the field to read for the classes of the field `name`: itself where it holds them."""
    field = fields.get(name)
    return name if field is None or field.as_classes is None else field.as_classes


def class_names(fields: Mapping[str, Field], name: str) -> tuple[str, ...] | None:
    """Return the classes of the field `name`; None where there is no such field or it has none."""
    field = fields.get(class_field(fields, name))
    return None if field is None else field.classes


def own_fields(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Return the fields without those that repeat another one as class ids, for lists of labels."""
    repeated = {field.as_classes for field in fields.values()}
    return {name: field for name, field in fields.items() if name not in repeated}


def own_name(fields: Mapping[str, Field], name: str) -> str:
    """Return what people call the field `name`: the field that it repeats as class ids, if one."""
    repeats = (own for own, field in fields.items() if field.as_classes == name)
    return next(repeats, name)


def fields_of_classes(fields: Mapping[str, Field]) -> tuple[str, ...]:
    """Return the fields that a task of classes can be given, in their order."""
    return tuple(name for name in own_fields(fields) if class_names(fields, name))
