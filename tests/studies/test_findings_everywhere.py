"""Every finding that a study can have: on the page, in the terminal, in the JSON, in a notebook."""

from __future__ import annotations

import ast
import html
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import taskspace
import taskspace_plugins
from taskspace.components import Finding
from taskspace_cli.main import app

SOURCES = [Path(taskspace.__file__).parent / name for name in ("studies", "learning")]
DATA = [
    Path(taskspace_plugins.__file__).parent / "datasets",
    Path(taskspace.__file__).parent / "layout",
]
"""What datasets say; the engine shows all of it alike: tests/cli/test_cli_data_findings.py."""

DIGITS = {
    "study": "taxonomy",
    "name": "digits",
    "dataset": "digits",
    "tasks": ["identity", "loops", "denoising", "random_projection"],
    "encoder": {"use": "small_conv", "width": 4},
    "train": {"epochs": 2},
    "transfer": {"max_order": 1, "images": 60, "epochs": 2},
    "solve": {"budgets": [1], "random_policies": 5},
}
"""One seed, few sets of labels, weak networks."""

BESIDE = DIGITS | {
    "name": "sources",
    "sources": [{"use": "small_conv", "as": "outside", "width": 4, "factor": 8}],
    "transfer": DIGITS["transfer"] | {"adapt": ["frozen", "finetune"]},
}
"""An encoder that starts at random, where a pretrained one should stand; fine-tuned, too."""

HURRIED = DIGITS | {
    "name": "hurried",
    "solve": {
        "budgets": [1],
        "seconds": 1e-9,
        "formulation": "paper",
        "alternatives": 1,
        "sensitivity": True,
        "random_policies": 0,
    },
}
"""No time to prove anything."""

MULTITASK = {
    "study": "multitask",
    "name": "multitask",
    "dataset": "digits",
    "tasks": ["identity", "loops"],
    "schemes": ["separate", {"use": "multi_clustering", "experts": 2}],
    "encoder": {"use": "conv_pool", "width": 4, "depth": 1},
    "train": {"steps": 2},
    "sizes": [64],
}

ZEROSHOT = {
    "study": "zeroshot",
    "name": "zeroshot",
    "dataset": {"use": "compositions", "images": 448, "size": 16},
    "encoder": {"use": "mlp", "width": 4},
    "generators": [{"use": name, "width": 4, "hidden": 4, "noise": 4} for name in ("ss", "tds")],
    "classifiers": ["nearest_prototype"],
    "networks": {"words": 4, "critic": 4},
    "train": {"steps": 2},
    "baseline": {"epochs": 1},
    "seeds": 2,
    "maps": [],
}
"""Networks that have learnt nothing."""


RECOMMEND = {
    "study": "recommend",
    "name": "recommend",
    "dataset": "digits",
    "tasks": ["identity", "parity", "loops", "at_least_five", {"use": "parity", "as": "again"}],
    "models": [{"use": "mlp", "width": 8}, {"use": "small_conv", "width": 4}],
    "experts": [
        {
            "dataset": "digits",
            "tasks": [{"use": "loops", "as": "expert"}],
            "encoder": {"use": "small_conv", "width": 4},
            "train": {"steps": 2},
        }
    ],
    "scores": ["transrate"],
    "images": [30],
}
"""One draw of few images, an expert on the images that are served."""


def photographs(folder: Path) -> dict:
    """A folder with random labels: classes, unscaled numbers, one without test labels, ..."""
    random = np.random.default_rng(0)
    rows = ["image,noise,price,untested,unlabelled"]
    folder.mkdir()
    order = np.random.default_rng(0).permutation(80)  # as split_indices divides with seed 0
    test, transfer = set(order[64:].tolist()), set(order[40:52].tolist())
    for i in range(80):
        Image.fromarray(random.integers(0, 255, (8, 8), dtype=np.uint8)).save(
            folder / f"{i:03}.png"
        )
        noise, price = random.choice(["left", "right"]), 500 + 100 * random.normal()
        untested = "" if i in test else f"{random.normal():.3f}"
        unlabelled = "" if i in transfer else f"{random.normal():.3f}"
        rows.append(f"{i:03}.png,{noise},{price:.1f},{untested},{unlabelled}")
    (folder / "labels.csv").write_text("\n".join(rows))
    return DIGITS | {
        "name": "photographs",
        "dataset": {"use": "image_folder", "root": str(folder), "size": 8, "channels": 1},
        "tasks": [
            {"use": "classification", "field": "noise", "as": "noise"},
            *(
                {"use": "regression", "field": f, "as": f}
                for f in ("price", "untested", "unlabelled")
            ),
        ],
        "train": {"epochs": 60, "batch": 8, "held_out": 0},
        "transfer": {"max_order": 1, "epochs": 2, "batch": 4},
    }


def columns(folder: Path) -> dict:
    """A folder whose labels mean nothing: each seed buys others."""
    random = np.random.default_rng(1)
    folder.mkdir()
    names = [f"column{k}" for k in range(5)]
    rows = [",".join(["image", *names])]
    for i in range(80):
        Image.fromarray(random.integers(0, 255, (8, 8), dtype=np.uint8)).save(
            folder / f"{i:03}.png"
        )
        rows.append(",".join([f"{i:03}.png", *random.choice(["left", "right"], 5)]))
    (folder / "labels.csv").write_text("\n".join(rows))
    return DIGITS | {
        "name": "columns",
        "seeds": 3,
        "dataset": {"use": "image_folder", "root": str(folder), "size": 8, "channels": 1},
        "tasks": [{"use": "classification", "field": name, "as": name} for name in names],
        "train": {"epochs": 2, "batch": 8},
        "transfer": {"max_order": 1, "epochs": 2, "batch": 4},
        "solve": {"budgets": [1, 2, 3], "random_policies": 0},
    }


def table(folder: Path) -> dict:
    folder.mkdir()
    rows = ["a,self,1.9,0.5,0.5", "b,self,0.9,0.5,0.5", "b,a,0.4,0.6,0.3", "a,b,0.2,0.4,0.2"]
    rows += ["gone,a,NA,,", "novel,self,NA,,", "novel,a,0.3,0.5,0.2"]
    text = "\n".join(["target,sources,affinity,gain,quality,label_cost", *(f"{r},0" for r in rows)])
    (folder / "table.csv").write_text(text)
    return {
        "study": "taxonomy",
        "name": "table",
        "affinities": {
            "table": str(folder / "table.csv"),
            "columns": {"affinity": "affinity", "gain": "gain", "quality": "quality"},
            "supervised": "self",
        },
        "solve": {"budgets": [1]},
    }


def guesses(folder: Path) -> dict:
    """Labels that mean nothing, and a network that is too large."""
    dataset = columns(folder)["dataset"]
    names = ("column0", "column1")
    return RECOMMEND | {
        "name": "guesses",
        "dataset": dataset,
        "tasks": [{"use": "classification", "field": name, "as": name} for name in names],
        "models": [
            {"use": "mlp", "width": 4},
            {"use": "mlp", "width": 6, "as": "wider"},
            {"use": "small_resnet", "width": 8},
        ],
        "experts": [],
        "limits": {"parameters": 1000},
        "images": [8],
        "scores": ["knn"],
    }


DISCOVERY = {
    "study": "discovery",
    "name": "discovery",
    "dataset": "digits",
    "images": 64,
    "network": {"use": "mlp", "width": 8, "depth": 1},
    "tasks": ["parity"],
    "discover": [
        {
            "tasks": 2,
            "steps": 6,
            "inner_rate": 0.5,
            "warm_up": 0,
            "batch": 32,
            "uniformity": 0,
            "entropy": 0,
            "learning_rate": 0.1,
        },
        {"as": "slow", "tasks": 2, "steps": 4, "warm_up": 0, "batch": 32, "inner_rate": 1e-5},
    ],
    "controls": ["random_labels", "start"],
    "train": {"epochs": 1},
    "splits": {"targets": ["parity"], "train": {"epochs": 1}},
}
"""Networks that have learnt nothing, tasks that nothing spreads, and one repetition."""

COTRAINING = {
    "study": "cotraining",
    "name": "cotraining",
    "dataset": "digits",
    "central": "identity",
    "auxiliary": [{"task": "jigsaw"}],
    "encoder": {"use": "mlp", "width": 4},
    "labels": [40],
    "train": {"steps": 2},
    "seeds": 1,
    "shuffled": [],
}
"""Networks that have learnt nothing, in one repetition without a control."""

JOBS = {
    "digits": lambda _: DIGITS,
    "sources": lambda _: BESIDE,
    "hurried": lambda _: HURRIED,
    "photographs": photographs,
    "columns": columns,
    "table": table,
    "multitask": lambda _: MULTITASK,
    "mixed": lambda _: (
        MULTITASK | {"name": "mixed", "schemes": ["shared"], "tasks": ["identity", "ink_moments"]}
    ),
    "zeroshot": lambda _: ZEROSHOT,
    "recommend": lambda _: RECOMMEND,
    "guesses": guesses,
    "discovery": lambda _: DISCOVERY,
    "repeated": lambda _: DISCOVERY | {"name": "repeated", "seeds": 2},
    "cotraining": lambda _: COTRAINING,
    "cotrained": lambda _: COTRAINING | {"name": "cotrained", "seeds": 3},
}

PROVOKED = {
    "digits": {
        "advice",
        "shown-above-floor",
        "one-seed",
        "not-above-random",
        "own-encoder-rank",
        "novel-tasks",
    },
    "sources": {
        "pretrained-source",
        "labels-beside-pretrained",
        "source-untrained",
        "adapt-compared",
    },
    "hurried": {"budget-not-proven", "alternatives-not-proven", "sensitivity-not-proven"},
    "photographs": {
        "no-evidence",
        "network-overfitted",
        "network-below-constant",
        "targets-not-standardised",
        "task-untested",
        "cells-missing",
        "target-unserved",
        "below-constant",
    },
    "columns": {"labels-unstable"},
    "table": {
        "table-tasks-vanished",
        "table-networks-without-value",
        "table-rows-left-out",
        "table-costs-added",
        "table-affinities-clipped",
        "table-in-sample",
    },
    "multitask": {"verdict", "gates-unmoved"},
    "mixed": {"no-score", "one-repetition"},
    "zeroshot": {
        "unseen-at-chance",
        "generators-do-not-win",
        "meaning-of-words",
        "critic-slope",
        "classifier-untrained",
        "two-repetitions",
        "unseen-recognised",
        "order-of-designs",
    },
    "recommend": {"start-from", "no-method-beats-static", "expert-shares-images", "one-draw"},
    "guesses": {"task-at-chance", "too-few-tasks", "beyond-limits"},
    "discovery": {
        "cells-missing",
        "judges-not-learnt",
        "tasks-alike",
        "tasks-unbalanced",
        "split",
        "agreement-floor",
        "one-repetition",
    },
    "repeated": {"nothing-discovered"},
    "cotraining": {
        "few-repetitions",
        "central-not-learnt",
        "auxiliary-not-learnt",
        "no-control",
    },
    "cotrained": {"verdict"},
}

BY_CONSTRUCTION = {
    "central-unmeasured": "test images without a box; in test_cotraining_findings",
    "method-beats-static": "needs a score that is right on five tasks; in test_recommend_selection",
    "not-above-floor": "labels above random ones without a target above its floor",
    "start-from-average": "of a table of errors, in test_recommend_table",
    "average-at-chance": "likewise",
    "table-read": "likewise",
    "one-task": "likewise",
    "source-unmeasured": "needs a source whose transfers all fail; in test_taxonomy_sources",
    "matrix-rows-without-column": "of a matrix of affinities, in test_table_matrix_names",
    "matrix-columns-without-row": "likewise",
    "one-model": "in test_recommend_table and test_recommend_run",
    "interval-too-wide": "depends on luck at any size that a test can afford",
    "network-below-probe": "likewise",
    "normaliser-differs": "likewise",
    "agreement-no-ceiling": "of `tasks agreement`, which has tests of its own",
    "ceiling-unknown": "likewise",
    "one-unseen": "in test_zeroshot_findings",
    "told-by-one-word": "likewise",
    "words-unseen": "likewise",
    "compositions-untaught": "in test_zeroshot_findings and test_zeroshot_compositions",
    "words-alike": "likewise",
    "best-without-control": "depends on which method is best; in test_zeroshot_findings",
    "control-above-chance": "only what leaks provokes it; in test_zeroshot_findings",
    "encoder-published": "needs an encoder of 3.4 million weights; in test_zeroshot_findings",
    "encoder-pretrained": "needs an encoder of 3.4 million weights; in test_taxonomy_pretrained",
    "agreement-with-table": "likewise",
    "labels-absent": "of `tasks check` and `tasks data check`, in test_learning_checking",
    "labels-constant": "likewise",
    "classes-of-one": "likewise",
    "classes-absent": "likewise",
    "control-helps": "shuffled labels help by chance alone; in test_cotraining_findings",
    "class-absent": "needs published parts; in test_discovery_run and test_discovery_page",
    "classes-empty": "of a result made by hand, in test_discovery_page",
    "frozen-classes": "likewise",
}
"""Findings that small real runs do not provoke reliably, and why; tested where they are made."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Run a job once through the command; return its folder and what the terminal showed."""
    place, made = tmp_path_factory.mktemp("findings"), {}

    def run(name: str) -> tuple[Path, str]:
        if name not in made:
            file = place / f"{name}.json"
            file.write_text(json.dumps(JOBS[name](place / name)))
            options = ["--store", str(place / "store"), "--runs", str(place / "runs")]
            shown = CliRunner().invoke(
                app,
                ["run", str(file), "--executor", "inline", *options],
                env={"COLUMNS": "4000", "TERM": "dumb"},
            )
            (folder,) = (place / "runs").glob(f"{name}-*")
            made[name] = folder, shown.stdout
        return made[name]

    return run


@pytest.mark.parametrize("name", list(JOBS))
def test_every_finding_is_everywhere(name, finished):
    folder, terminal = finished(name)
    result = json.loads((folder / "result.json").read_text())
    findings = [Finding.from_json(found) for found in result["findings"]]
    assert PROVOKED[name] <= {found.code for found in findings}, terminal
    page = (folder / "report.html").read_text()
    again = CliRunner().invoke(
        app, ["show", folder.name, "--runs", str(folder.parent)], env={"COLUMNS": "4000"}
    )
    tones = [found.tone for found in findings]
    for found in findings:
        for line in (found.text, *found.details):
            assert line in terminal
            assert line in again.stdout
            assert html.escape(line, quote=True) in page
    assert page.index("findings") < page.index("<h2", page.index("<h2") + 1)
    advice = tones.index("advice") if "advice" in tones else len(tones)
    evidence = [f.code for f in findings if f.code in ("no-evidence", "not-above-random")]
    assert not evidence or findings[0].code == evidence[0]
    assert "warning" not in tones[advice:]


def test_a_notebook_opens_with_the_findings(finished, tmp_path):
    store = finished("digits")[0].parents[1] / "store"
    made = taskspace.run(DIGITS, store=store, runs=tmp_path / "r", executor="inline")
    shown = made._repr_html_()
    assert made.findings
    for found in made.findings:
        assert html.escape(found.line()) in shown
    assert shown.index("<p>") < shown.index("<table>")


def codes_in(folders: list[Path]) -> set[str]:
    codes = set()
    for file in (f for folder in folders for f in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Finding", "Reason"):
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    codes.add(code.value)
                elif not isinstance(code, ast.Attribute):  # passed on from where it is written
                    codes.add(re.sub(r"\{[^}]*\}", "*", ast.unparse(code).strip("f'\"")))
    return codes


def test_every_finding_of_a_dataset_is_named_by_a_test_of_the_dataset():
    tests = "".join(file.read_text("utf-8") for file in Path(__file__).parents[1].rglob("*.py"))
    unnamed = {code for code in codes_in(DATA) if f'"{code}"' not in tests}
    assert not unnamed


def test_no_finding_is_left_out_here():
    """Every code in the source of the studies is provoked above, or excused with a reason."""
    codes = codes_in(SOURCES)
    provoked = set().union(*PROVOKED.values())
    patterns = {"*-not-proven", "network-below-*"}
    assert codes - patterns <= provoked | set(BY_CONSTRUCTION)
    assert provoked - {c for c in provoked if re.search("not-proven|network-below", c)} <= codes
