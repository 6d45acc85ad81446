"""The nearest correct word for a wrong one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from taskspace.registry.bounded.shortened import MAX_SHOWN


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `word` was most likely meant to be, or None.

    Case, `-` and `_` do not count; of equally near candidates the first in order is taken.
    """
    # Costs milliseconds that only a mistake should pay.
    from difflib import get_close_matches  # noqa: PLC0415

    by_form: dict[str, str] = {}
    for candidate in sorted(candidates):
        by_form.setdefault(_form(candidate), candidate)
    close = get_close_matches(_form(word), by_form, n=1, cutoff=0.6)
    return by_form[close[0]] if close else None


def no_such_key(key: str, known: Sequence[str]) -> str:
    """Return what to say of a key that nothing reads: which one was meant, or which there are."""
    near = nearest(key, known) if len(key) <= MAX_SHOWN else None
    hint = f"Did you mean {near!r}?" if near else f"Known: {', '.join(known)}."
    return f"There is no such key. {hint}"


def _form(word: str) -> str:
    return word.lower().replace("-", "_")
