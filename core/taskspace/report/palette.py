"""Colours that everyone can tell apart, as CSS classes so that dark mode can change them.

Sequential scales rise in lightness alone; diverging ones go from orange to blue, the pair that
the common colour blindnesses keep apart. Colours are mixed in Oklab (Ottosson 2020), where equal
steps look equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

LEVELS = 33
"""Steps of a scale; odd, so that a diverging one has a neutral middle."""

SEQUENTIAL = {
    "light": ("#e6eef7", "#a9c8e6", "#4f8cc4", "#1b5796", "#0a2f5c"),
    "dark": ("#1c2630", "#204a72", "#2f77b2", "#6fb0e6", "#cfe7ff"),
}
DIVERGING = {
    "light": ("#8a4100", "#d98b3a", "#f3f2ef", "#6ea6d6", "#0d4a86"),
    "dark": ("#ffc078", "#a8641a", "#272b30", "#2c6da8", "#a5d4ff"),
}
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear_rgb(colour: str) -> np.ndarray:
    """Return `#rrggbb` as linear light [3] in [0, 1] (IEC 61966-2-1)."""
    encoded = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _hex(linear: np.ndarray) -> str:
    light = np.clip(linear, 0, 1)
    encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(float(value) * 255):02x}" for value in encoded)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    return float(linear_rgb(colour) @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ramp(stops: Sequence[str]) -> list[str]:
    """Return `LEVELS` colours through the stops, which stand at equal distances."""
    lab = np.array([_TO_LAB @ np.cbrt(_TO_LMS @ linear_rgb(stop)) for stop in stops])
    at = np.linspace(0, len(stops) - 1, LEVELS)
    mixed = np.stack([np.interp(at, np.arange(len(stops)), column) for column in lab.T], axis=1)
    lms = np.linalg.solve(_TO_LAB, mixed.T) ** 3
    return [_hex(colour) for colour in np.linalg.solve(_TO_LMS, lms).T]


def ink(colour: str) -> str:
    """Return black or white, whichever reads better on `colour`: always above 4.5 to 1."""
    return max(("#000000", "#ffffff"), key=lambda text: contrast(text, colour))


def _rules(prefix: str, colours: Sequence[str]) -> Iterator[str]:
    for level, colour in enumerate(colours):
        yield f".{prefix}{level}{{fill:{colour}}}.{prefix}{level}+text{{fill:{ink(colour)}}}"


def stylesheet() -> str:
    """Return the rules of both scales: classes `q0..` (sequential) and `d0..` (diverging)."""
    scales = {"q": SEQUENTIAL, "d": DIVERGING}
    light, dark = (
        "".join(rule for prefix in scales for rule in _rules(prefix, ramp(scales[prefix][mode])))
        for mode in ("light", "dark")
    )
    return f"{light}\n@media screen and (prefers-color-scheme: dark){{{dark}}}\n"
