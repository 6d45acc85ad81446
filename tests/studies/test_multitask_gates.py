"""Gates that have not moved are reported, and no correlations are drawn from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from multitask_results import multitask_result, trial_record

import taskspace
from taskspace.components.page import Heatmap, Text
from taskspace.studies.multitask.page.gates import gate_blocks
from taskspace.studies.multitask.result.gates import gate_array, gate_starts, unmoved_gates
from taskspace.studies.multitask.result.model import MultitaskResult, SchemeRecord

SIZE = 60
Layers = Sequence[np.ndarray]


def result_of(gates: Mapping[str, Sequence[Layers]]) -> tuple[MultitaskResult, dict[str, Any]]:
    """A result of schemes with these gates, by repetition and layer, and its arrays."""
    experts = {name: [layer.shape[1] for layer in own[0]] for name, own in gates.items()}
    trials = [trial_record("a", 0, size=10, mean=0.5, experts=(3,))]
    trials += [
        trial_record(name, seed, size=SIZE, mean=0.5, experts=experts[name])
        for name, own in gates.items()
        for seed in range(len(own))
    ]
    result = multitask_result(
        [SchemeRecord(name=name, gating=name, chooses=name != "fixed") for name in gates],
        trials,
        tasks=("first", "second"),
        similarity=[
            {"scheme": name, "size": SIZE, "matrix": [[1.0, 0.5], [0.5, 1.0]]} for name in gates
        ],
    )
    artifacts = {
        gate_array(name, SIZE, seed, number): layer
        for name, own in gates.items()
        for seed, layers in enumerate(own)
        for number, layer in enumerate(layers)
    }
    return result, artifacts


def near(centre: float, reach: float, experts: int = 4) -> np.ndarray:
    """Probabilities [2, M] whose farthest is `reach` from the centre."""
    return np.linspace(centre - reach, centre + reach, 2 * experts).reshape(2, experts)


def routes(*first: float) -> np.ndarray:
    """Policies [2, 20] that begin with these probabilities and share out the rest."""
    rest = (1 - sum(first)) / (20 - len(first))
    return np.array([[*first, *[rest] * (20 - len(first))]] * 2)


@pytest.mark.parametrize(
    ("repetitions", "starts"),
    [
        ([[near(0.5, 0.09)]], (0.5,)),
        ([[near(0.5, 0.11)]], None),
        ([[near(0.34, 0.09)]], None),  # a density cost has closed all of them
        ([[near(0.5, 0.0)], [near(0.5, 0.3)]], None),  # one repetition has decided
        ([[near(0.5, 0.0), near(0.5, 0.3)]], None),  # one layer has decided
        ([[routes(0.14)]], (0.05,)),
        ([[routes(0.16)]], None),
        ([[routes(0.5, 0.5)]], None),
        ([[routes(0.06), np.full((2, 2), 0.5)]], (0.05, 0.5)),
        ([[np.ones((2, 4))]], ()),
        ([[np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])]], None),
        ([[np.eye(2)]], None),
        ([[np.ones((2, 1))]], None),  # one expert: nothing to decide
        ([[np.ones((2, 1)), near(0.5, 0.05)]], (0.5,)),
    ],
)
def test_gates_have_moved_once_one_is_a_tenth_from_its_start(repetitions, starts):
    result, artifacts = result_of({"a": repetitions, "fixed": [[np.full((2, 3), 0.5)]]})
    unmoved = unmoved_gates(result, artifacts)
    if starts is None:
        assert unmoved == []
    else:
        ((scheme, low, high, given),) = unmoved
        assert scheme == "a" and given == pytest.approx(starts)
        values = np.concatenate([p.ravel() for own in repetitions for p in own if p.shape[1] > 1])
        assert (low, high) == (values.min(), values.max())


def test_starts_are_read_from_what_probabilities_are():
    assert gate_starts([near(0.5, 0.2)]) == [0.5]
    assert gate_starts([routes(0.9)]) == [0.05]
    assert gate_starts([np.ones((2, 3))]) is None


def test_gates_without_arrays_are_not_judged():
    result, _ = result_of({"a": [[near(0.5, 0.0)]]})
    assert unmoved_gates(result, {}) == []


def test_correlations_are_drawn_of_gates_that_moved():
    result, artifacts = result_of({"still": [[near(0.5, 0.05)]], "moved": [[near(0.5, 0.4)]]})
    blocks = gate_blocks(result, artifacts)
    maps = [block.name for block in blocks if isinstance(block, Heatmap)]
    assert maps == ["gates-still-0", "gates-moved-0", "similarity-moved"]
    (note,) = (block for block in blocks if isinstance(block, Text))
    assert note.tone == "note" and note.text.startswith("still: no map of task correlations.")


def run(place: Path, schemes: Sequence[object], **train: float) -> taskspace.Run:
    job = {
        "study": "multitask", "name": "gates", "dataset": "digits", "tasks": ["parity", "loops"],
        "schemes": schemes, "encoder": {"use": "mlp", "width": 4}, "sizes": [SIZE], "seeds": 2,
        "train": {"steps": 2, "batch": 16} | train,
    }  # fmt: skip
    return taskspace.run(job, store=place / "store", runs=place / "runs", executor="inline")


def test_schemes_are_named_that_stayed_where_they_start(tmp_path):
    learned = [
        {"use": "multi_clustering", "experts": 3},
        {"use": "routing", "experts": 5},
        {"use": "routing", "experts": 4, "learner": "gumbel", "as": "gumbel"},
        {"use": "dselect_k", "experts": 4},
    ]
    made = run(tmp_path, [*learned, "separate"], learning_rate=1e-6)
    (found,) = (each for each in made.findings if each.code == "gates-unmoved")
    assert found.tone == "warning"
    assert found.text.startswith(
        "The gates of multi_clustering, routing, gumbel and dselect_k have not moved with 60 "
        "training samples: every probability is within 0.1 of its start"
    )
    assert "`train.steps`" in found.text and "`train.learning_rate` (for `routing`" in found.text
    assert [line.partition(", start ")[::2] for line in found.details[1:]] == [
        ("multi_clustering: probabilities 0.50 to 0.50", "0.50"),
        (found.details[2].partition(", start ")[0], "0.20"),
        ("gumbel: probabilities 0.25 to 0.25", "0.25"),
        ("dselect_k: probabilities 1.00 to 1.00", "not known"),
    ]
    page = made.report.read_text()
    assert 'id="gates-gumbel"' in page and 'id="similarity-' not in page
    assert "multi_clustering: no map of task correlations" in page


def test_a_scheme_whose_gates_moved_is_not_named(tmp_path):
    schemes = [{"use": "multi_clustering", "experts": 3, "as": "clusters"}, "separate"]
    made = run(tmp_path, schemes, learning_rate=0.3, steps=12)
    assert "gates-unmoved" not in [each.code for each in made.findings]
    page = made.report.read_text()
    assert 'id="similarity-clusters"' in page and "no map of task correlations" not in page
