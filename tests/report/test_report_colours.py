"""Everyone can read the page: contrast and colour vision, computed from the colours themselves."""

from __future__ import annotations

import re
from importlib.resources import files

import numpy as np
import pytest

from taskspace.report.palette import (
    DIVERGING,
    LEVELS,
    SEQUENTIAL,
    contrast,
    ink,
    linear_rgb,
    luminance,
    ramp,
)

# Machado, Oliveira and Fernandes 2009, severity 1.0, in linear RGB.
BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_sequential_scale_changes_in_one_direction_of_lightness(mode: str) -> None:
    steps = np.diff([luminance(colour) for colour in ramp(SEQUENTIAL[mode])])
    assert (steps < 0).all() if mode == "light" else (steps > 0).all()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_both_arms_of_a_diverging_scale_change_in_lightness_from_the_middle(mode: str) -> None:
    steps = np.diff([luminance(colour) for colour in ramp(DIVERGING[mode])])
    away = steps[LEVELS // 2 :] * (-1 if mode == "light" else 1)
    towards = steps[: LEVELS // 2] * (1 if mode == "light" else -1)
    assert (away > 0).all()
    assert (towards > 0).all()


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_the_arms_stay_apart_for_the_colour_blind(mode: str, blindness: str) -> None:
    seen = [np.array(BLINDNESS[blindness]) @ linear_rgb(colour) for colour in ramp(DIVERGING[mode])]
    quarter = LEVELS // 4
    for step in range(quarter + 1):
        low, high = seen[step], seen[-1 - step]
        assert np.abs(np.cbrt(np.clip(low, 0, 1)) - np.cbrt(np.clip(high, 0, 1))).max() > 0.15


@pytest.mark.parametrize("stops", [*SEQUENTIAL.values(), *DIVERGING.values()])
def test_numbers_in_cells_have_the_contrast_of_small_text(stops: tuple[str, ...]) -> None:
    colours = ramp(stops)
    assert len(colours) == LEVELS
    assert (colours[0], colours[-1]) == (stops[0], stops[-1])
    assert min(contrast(ink(colour), colour) for colour in colours) >= 4.5


def _variables(mode: str) -> dict[str, str]:
    style = files("taskspace.report").joinpath("page.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark if mode == "dark" else light))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_and_lines_have_the_contrast_that_wcag_asks_for(mode: str) -> None:
    colours = _variables(mode)
    for text in ("text", "quiet", "accent", "bought"):
        assert contrast(colours[text], colours["ground"]) >= 4.5, text
        assert contrast(colours[text], colours["raised"]) >= 4.5, text
    assert contrast(colours["text"], colours["warn-ground"]) >= 4.5
    for line, ground in (("warn-rule", "warn-ground"), ("accent", "ground")):
        assert contrast(colours[line], colours[ground]) >= 2.5, "the edge of a group of findings"
    curves = [name for name in colours if re.fullmatch(r"k\d", name)]
    assert len(curves) == 8
    for line in curves:
        assert contrast(colours[line], colours["ground"]) >= 3, line
    assert contrast(colours["edge"], colours["ground"]) >= 3


def test_contrast_agrees_with_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
