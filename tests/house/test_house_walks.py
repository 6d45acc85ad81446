"""How many files somebody reads who follows one transfer, or one policy, from stage to result."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from walk import walk

import taskspace

ROOT = Path(__file__).parents[2]
TABLE = ROOT.parent / "shared" / "data" / "taxonomy" / "taskonomy_transfers_16k.csv"
MOST_OF_A_TRANSFER, MOST_OF_A_POLICY = 8, 14


def listed(heading: str) -> list[str]:
    """The files that docs/architecture.md lists under a heading."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    block = re.search(rf"^\*\*{heading}\.\*\*.*?```\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    assert block is not None, f"docs/architecture.md has no walk called {heading!r}"
    return [line.split()[0] for line in block[1].splitlines()]


def ran(job: dict[str, object], place: Path, **options: str) -> None:
    """Run a job in this process, to the end."""
    run = taskspace.run(job, executor="inline", store=place / "store", runs=place, **options)
    assert not run.result["missing"]


def test_one_transfer_is_followed_through_the_files_that_are_listed(tmp_path):
    job = {
        "study": "taxonomy",
        "name": "walked",
        "dataset": "digits",
        "tasks": ["identity", "edges_2d"],
        "encoder": {"use": "small_conv", "width": 4},
        "train": {"epochs": 1},
        "transfer": {"max_order": 1, "images": 60, "epochs": 1},
    }
    stage, cell = ("plan/cells.py", "transfer"), ("cells/readouts.py", "train_readouts")
    with walk(stage, cell) as files:
        ran(job, tmp_path, until="transfer")
    assert files == set(listed("One transfer"))
    assert len(files) <= MOST_OF_A_TRANSFER


@pytest.mark.skipif(not TABLE.exists(), reason="the published table is not there")
def test_one_policy_is_followed_through_the_files_that_are_listed(tmp_path):
    job = {
        "study": "taxonomy",
        "name": "walked",
        "affinities": {
            "table": str(TABLE),
            "coefficient": "sqrt_affinity",
            "supervised": "self",
            "max_order": 2,
            "source_only": ["colorization", "jigsaw", "impainting_whole", "random"],
            "exclude": ["class_selected"],
        },
        "solve": {"budgets": [6], "random_policies": 0},
    }
    stage, cell = ("plan/policy_cells.py", "solve_cell"), ("cells/decisions.py", "solve")
    with walk(stage, cell) as files:
        ran(job, tmp_path)
    assert files == set(listed("One policy"))
    assert len(files) <= MOST_OF_A_POLICY
