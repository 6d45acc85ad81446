"""One set of rules for all text that people bring: encodings, separators, headers and numbers."""

from taskspace.tables.delimited import DelimitedText, open_delimited
from taskspace.tables.encoding import UndecodableText, decoded
from taskspace.tables.header import Header
from taskspace.tables.no_number import NoNumber, no_number
from taskspace.tables.numbers import MISSING, Numbers, is_missing
from taskspace.tables.places import data_errors, located, readable_table

__all__ = [
    "MISSING",
    "DelimitedText",
    "Header",
    "NoNumber",
    "Numbers",
    "UndecodableText",
    "data_errors",
    "decoded",
    "is_missing",
    "located",
    "no_number",
    "open_delimited",
    "readable_table",
]
