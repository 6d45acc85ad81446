"""The shape of a plugin's table in registry.toml, and what to say of one that has another."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)

from taskspace.registry.apirange import parse_range
from taskspace.registry.bounded.shortened import brief, brief_key
from taskspace.registry.descriptions.description import NAME_PATTERN
from taskspace.registry.suggest import no_such_key

_LONGEST = 4096
"""Characters of a text: what a path may have."""
_SOURCE = r"(?s)^(pypi:[^\s=]+==\S+|git\+.+@[0-9a-f]{40}(#subdirectory=.+)?|path:.+|wheel:.+)$"
_FIRST = ("extra_forbidden", "missing")
"""Which mistakes are named before all others: a misspelt key is both of them."""


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("It has a NUL character; that is none of ours.")
    return text


def _range(text: str) -> str:
    parse_range(text)
    return text


def _component(item: object, info: ValidationInfo) -> object:
    kinds = (info.context or {})["kinds"]
    kind, _, name = item.partition(":") if isinstance(item, str) else ("", "", "")
    if kind not in kinds or NAME_PATTERN.fullmatch(name) is None:
        raise ValueError(
            f"Found {brief(item)}; it must be KIND:NAME with a kind of {', '.join(kinds)}."
        )
    return item


Text = Annotated[str, Field(min_length=1, max_length=_LONGEST), AfterValidator(_without_nul)]


class PluginTable(BaseModel):
    """What registry.toml says of one plugin; a description is what the value must be."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    source: Text = Field(
        pattern=_SOURCE,
        description="pypi:NAME==VERSION, git+URL@<40 hex digits>, path:FOLDER or wheel:FILE",
    )
    version: Text
    sha256: Text | None = Field(None, pattern="^[0-9a-f]{64}$", description="64 hex digits")
    api: Annotated[Text, AfterValidator(_range)]
    trust: Literal["pinned", "editable", "unverified"] = Field(
        description="one of pinned, editable, unverified"
    )
    enabled: bool = Field(True, description="true or false")
    provides: tuple[Annotated[str, BeforeValidator(_component)], ...] = Field(
        (), strict=False, description='a list such as ["task:rain"]'
    )


def mistake_in(error: ValidationError) -> tuple[str, str]:
    """Return the first key that is wrong, and what is wrong with it."""
    found = min(
        error.errors(include_url=False),
        key=lambda e: _FIRST.index(e["type"]) if e["type"] in _FIRST else len(_FIRST),
    )
    key, value = str(found["loc"][0]), found["input"]
    match found["type"]:
        case "extra_forbidden":
            return brief_key(key), no_such_key(key, tuple(PluginTable.model_fields))
        case "missing":
            return key, "It is missing."
        case "value_error":
            return key, str(found["ctx"]["error"])
        case "string_too_long":
            return key, f"It has {len(value)} characters; that is none of ours."
        case "string_type" | "string_too_short":
            return key, f"Found {brief(value)}; it must be a text."
    return key, f"Found {brief(value)}; it must be {PluginTable.model_fields[key].description}."
