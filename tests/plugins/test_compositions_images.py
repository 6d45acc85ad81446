"""Each image shows what its two words say: whole, large, and with the attribute on its surface."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from taskspace_rooms.classes import SEMANTIC_CLASSES
from taskspace_rooms.compositions.chunk import GENERATOR, render_chunk, rendered
from taskspace_rooms.compositions.framing import corners
from taskspace_rooms.compositions.scenes import THING, scenes_of
from taskspace_rooms.compositions.stage import StagedObject, staged
from taskspace_rooms.compositions.surfaces import BLUE, GREEN, LOOKS, RED, YELLOW
from taskspace_rooms.compositions.words import ATTRIBUTES, OBJECTS, PAIRS, shown
from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import hull, part_bounds
from taskspace_rooms.renderer.picture import GAMMA
from taskspace_rooms.renderer.render import render
from taskspace_rooms.scene import Pattern

EXPECTED = Path(__file__).with_name("compositions_generator.json")
ADVICE = "compositions have changed: raise their GENERATOR and run this file to renew the numbers"
COLOURS = {"red": RED, "blue": BLUE, "green": GREEN, "yellow": YELLOW}
SIZE = 32
SEMANTIC = {"stool": "chair", "desk": "table", "vase": "vessel", "bowl": "vessel", "barrel": "bin"}
"""The class that rooms have of an object where it is another word."""


@pytest.fixture(scope="module")
def stages() -> list[StagedObject]:
    return [staged(image, *pair, 0) for image, pair in enumerate(shown(range(len(PAIRS)), 0))]


def reflectance(stage: StagedObject) -> tuple[np.ndarray, np.ndarray]:
    """The surface colours [pixels, 3] of an object under even white light, off its outline."""
    scenes = scenes_of([stage])
    cameras = replace(scenes.cameras, exposure=torch.ones(1), noise=torch.zeros(1))
    dark = replace(scenes.lights, colour=torch.zeros_like(scenes.lights.colour))
    even = replace(scenes, cameras=cameras, lights=dark, ambient=torch.ones(1, 3))
    picture = render(even, SIZE)
    inside = eroded((picture.instance[0] == THING).numpy())
    return (picture.image[0] ** GAMMA).numpy()[:, inside].T, inside


def eroded(mask: np.ndarray) -> np.ndarray:
    """Pixels whose eight neighbours are in the mask as well."""
    padded = np.pad(mask, 1)
    height, width = mask.shape
    shifted = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.logical_and.reduce(shifted)


def test_the_object_is_what_the_scene_holds(stages):
    for stage, (_, thing) in zip(stages, shown(range(len(PAIRS)), 0), strict=True):
        word = OBJECTS[thing]
        assert stage.thing.kind == SEMANTIC.get(word, word)
        assert stage.thing.kind in SEMANTIC_CLASSES


def test_all_parts_of_the_object_have_the_paint_of_its_attribute(stages):
    for stage, (attribute, _) in zip(stages, shown(range(len(PAIRS)), 0), strict=True):
        (paint,) = {part.paint for part in stage.thing.parts}
        assert paint.pattern == LOOKS[ATTRIBUTES[attribute]].pattern


def test_the_whole_object_is_in_the_image(stages):
    for stage in stages:
        camera = stage.camera
        points = np.concatenate([corners(part) for part in stage.thing.parts])
        way = points - camera.position
        depth = -(way @ camera.backward[0])
        for axis in (camera.right[0], camera.up[0]):
            assert (np.abs(way @ axis) <= camera.tangent * depth + 1e-9).all()


def test_camera_and_lights_stand_in_the_room_and_outside_of_the_object(stages):
    for stage in stages:
        bounds = hull(part_bounds(part) for part in stage.thing.parts)
        room = np.array(stage.room)
        spots = np.concatenate([stage.camera.position, np.array(stage.light.positions)])
        assert (spots > 0).all()
        assert (spots < room).all()
        outside = (spots < np.array(bounds.lower)) | (spots > np.array(bounds.upper))
        assert outside.any(1).all()
        assert (np.array(bounds.lower) > -1e-9).all()
        assert (np.array(bounds.upper) < room).all()


def test_the_object_fills_a_good_part_of_every_image():
    shares = (rendered(range(len(PAIRS)), SIZE, 0).instance == THING).float().mean((1, 2))
    assert shares.min() > 0.04
    assert 0.2 < shares.mean() < 0.4


@pytest.mark.parametrize("word", COLOURS)
def test_a_colour_is_that_of_the_whole_surface(word):
    pixels, _ = reflectance(staged(0, ATTRIBUTES.index(word), OBJECTS.index("sofa"), 3))
    assert pixels.std(0).max() < 1e-3
    display = np.sqrt(pixels.mean(0))
    low, high = display.min(), display.max()
    tint = COLOURS[word]
    assert tint.value[0] - 0.01 < high < tint.value[1] + 0.01
    assert tint.saturation[0] - 0.16 < 1 - low / high < tint.saturation[1] + 0.01


@pytest.mark.parametrize("word", [w for w in ATTRIBUTES if LOOKS[w].pattern != Pattern.PLAIN])
def test_a_pattern_mixes_its_two_colours_and_nothing_else(word):
    stage = staged(0, ATTRIBUTES.index(word), OBJECTS.index("box"), 3)
    pixels, _ = reflectance(stage)
    paint = stage.thing.parts[0].paint
    first, second = np.array(paint.first), np.array(paint.second)
    along = second - first
    mix = (pixels - first) @ along / (along @ along)
    assert np.abs(pixels - (first + mix[:, None] * along)).max() < 1e-3
    assert (mix > -1e-3).all()
    assert (mix < 1 + 1e-3).all()
    assert mix.std() > 0.1
    if paint.pattern in (Pattern.STRIPES, Pattern.CHECKER):
        assert 0.35 < mix.mean() < 0.65
    if paint.pattern == Pattern.TILES:
        assert mix.mean() < 0.35


def test_another_attribute_changes_the_surface_and_nothing_beyond_the_object():
    things = range(len(OBJECTS))
    attributes = [ATTRIBUTES.index(word) for word in ("marble", "blue")]
    pairs = [(attribute, thing) for attribute in attributes for thing in things]
    stages = [staged(7, *pair, 0) for pair in pairs]
    # The light beyond the object is the same, too: no surface throws light on another.
    picture = render(scenes_of(stages), SIZE)
    for thing in things:
        one, other = thing, len(things) + thing
        assert torch.equal(picture.instance[one], picture.instance[other])
        shown_there = (picture.instance[one] == THING).numpy()
        changed = (picture.image[one] != picture.image[other]).any(0).numpy()
        assert not changed[eroded(~shown_there)].any()
        assert changed[eroded(shown_there)].all()


def test_colours_of_one_attribute_vary_and_stay_apart_from_others():
    hues = {
        word: {LOOKS[word].paint(Draw(number), 1.0).first for number in range(9)}
        for word in COLOURS
    }
    assert all(len(colours) == 9 for colours in hues.values())
    for word, channel in (("red", 0), ("green", 1), ("blue", 2)):
        assert all(np.argmax(colour) == channel for colour in hues[word])
    assert all(min(colour[:2]) > 2 * colour[2] for colour in hues["yellow"])


def test_an_image_does_not_depend_on_its_batch():
    together = rendered(range(5), SIZE, 0).image
    assert torch.equal(rendered([3], SIZE, 0).image[0], together[3])


def summary() -> dict[str, list[float]]:
    """The mean of each image of the first chunk, and the version."""
    means = render_chunk(0, 16, 0)["image"].reshape(64, -1).mean(1) / 255
    return {"generator": [GENERATOR], "image": means.round(5).tolist()}


def test_compositions_are_those_of_their_version():
    present, expected = summary(), json.loads(EXPECTED.read_text())
    assert present["generator"] == expected["generator"], ADVICE
    # Another machine may round differently at an outline.
    assert present["image"] == pytest.approx(expected["image"], rel=5e-3, abs=2e-3), ADVICE


if __name__ == "__main__":
    EXPECTED.write_text(json.dumps(summary(), indent=1) + "\n")
