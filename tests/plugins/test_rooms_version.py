"""The world is what its version says: whoever changes it must raise GENERATOR.

Cached chunks and fingerprints hang on the version alone. The expected numbers are of this version;
`python tests/plugins/test_rooms_version.py` writes them anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from taskspace_rooms.chunk import GENERATOR, render_chunk

EXPECTED = Path(__file__).with_name("rooms_generator.json")
ADVICE = "the world has changed: raise GENERATOR in rooms/chunk.py and renew the expected numbers"


def summary() -> dict[str, list[float]]:
    """Return a few numbers of each field of the first chunk: classes, shares of ids, means."""
    chunk = render_chunk(0, 16, 0)
    views = {
        name: np.asarray(values, dtype=np.float64).reshape(len(values), -1)
        for name, values in chunk.items()
    }
    shares = np.bincount(chunk["semantic"].ravel(), minlength=32) / chunk["semantic"].size
    means = {name: values.mean(axis=1)[::8] for name, values in views.items() if name != "semantic"}
    return {
        "generator": [GENERATOR],
        "semantic": shares.round(5).tolist(),
        **{name: values.round(5).tolist() for name, values in sorted(means.items())},
    }


def test_the_world_is_that_of_its_version() -> None:
    found, expected = summary(), json.loads(EXPECTED.read_text())
    assert found.keys() == expected.keys(), ADVICE
    assert found["generator"] == expected["generator"], ADVICE
    for name, values in expected.items():
        # Another machine may round differently at an outline; another world is far away.
        near = {"rel": 5e-3, "abs": 2e-3}
        assert found[name] == pytest.approx(values, **near), f"{name}: {ADVICE}"


if __name__ == "__main__":
    EXPECTED.write_text(json.dumps(summary(), indent=1) + "\n")
