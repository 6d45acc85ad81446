"""The stable codes of mistakes in a job; a code never changes its meaning."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """What sort of mistake a `Problem` is."""

    UNREADABLE = "TSK001"
    SYNTAX = "TSK002"
    DUPLICATE_KEY = "TSK003"
    TAG_OR_ANCHOR = "TSK004"
    TOO_LARGE = "TSK005"
    UNKNOWN_KEY = "TSK010"
    MISSING_KEY = "TSK011"
    UNKNOWN_NAME = "TSK012"
    BAD_VALUE = "TSK013"
    DUPLICATE_NAME = "TSK014"
    EXCLUSIVE_KEYS = "TSK015"
    UNAVAILABLE = "TSK016"
    NO_SUCH_FILE = "TSK017"
    OVERRIDE = "TSK018"


MEANINGS: dict[Code, str] = {
    Code.UNREADABLE: "The file cannot be read, or is not UTF-8 text.",
    Code.SYNTAX: "The text is not one YAML document.",
    Code.DUPLICATE_KEY: "A key is given twice in one mapping.",
    Code.TAG_OR_ANCHOR: "Tags, anchors and aliases are not used in jobs.",
    Code.TOO_LARGE: "The text is larger than 1 MiB or nested deeper than 64 levels.",
    Code.UNKNOWN_KEY: "A key that nothing reads.",
    Code.MISSING_KEY: "A key that must be there is not.",
    Code.UNKNOWN_NAME: "Nothing installed has this name.",
    Code.BAD_VALUE: "A value of the wrong type, or out of bounds.",
    Code.DUPLICATE_NAME: "Two things have one name.",
    Code.EXCLUSIVE_KEYS: "Keys that cannot be given together.",
    Code.UNAVAILABLE: "A component whose plugin is disabled, unlisted or quarantined.",
    Code.NO_SUCH_FILE: "A path leads nowhere.",
    Code.OVERRIDE: "A `--set` that cannot be applied.",
}
