"""A table of errors as a job: what it answers, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recommend_jobs import run
from taskspace.errors import InputError, JobInvalid, TableError

TASKS = [f"task{number}" for number in range(6)]
MODELS = ["good", "fair", "poor", "task0"]


def errors(tasks: int = 6) -> np.ndarray:
    """`good` is the best on every task but the first; `task0` was trained on the first."""
    table = np.tile([10.0, 20.0, 40.0, 30.0], (tasks, 1))
    table[0] = [25.0, 20.0, 40.0, 5.0]
    return table


def wide(file: Path, table: np.ndarray) -> dict:
    lines = [",".join(["task", *MODELS])]
    lines += [",".join([TASKS[i], *map(str, row)]) for i, row in enumerate(table.tolist())]
    file.write_text("\n".join(lines), encoding="utf-8")
    return {"study": "recommend", "name": "table", "errors": {"table": str(file)}}


def test_a_table_is_judged_and_nothing_computed(tmp_path):
    made = run(wide(tmp_path / "errors.csv", errors()) | {"generic": "fair"}, tmp_path)
    result = made.result
    methods = {own["name"]: own for own in result["methods"]}
    # Left out, `good` is best on average for every task; on task0 `fair` is: 25 % over the best.
    assert methods["best average (left out)"]["relative"]["mean"] == pytest.approx(25 / 6)
    assert methods["generic"]["relative"]["mean"] == pytest.approx(100 * 5 / 6)
    assert methods["generic"]["regret"]["mean"] == pytest.approx(10 * 5 / 6)
    assert "start from good" in " ".join(found.text for found in made.findings)
    assert made.report.exists()


def test_no_model_serves_the_task_it_was_trained_on(tmp_path):
    result = run(wide(tmp_path / "errors.csv", errors()), tmp_path).result
    first = [row["model"] for row in result["ranking"] if row["task"] == "task0"]
    assert first == ["fair", "good", "poor"]


def test_scores_of_a_long_table_get_a_verdict(tmp_path):
    draw = np.random.default_rng(0)
    lines = ["task,model,error,parameters,right,wrong"]
    for task in range(12):
        for model in range(5):
            error = draw.uniform(5, 60)
            lines.append(f"t{task},m{model},{error},{model},{-error},{draw.normal()}")
    file = tmp_path / "long.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    description = {"table": str(file), "columns": {"scores": ["right", "wrong"]}}
    made = run({"study": "recommend", "name": "long", "errors": description}, tmp_path)
    (verdict,) = made.result["verdicts"]
    assert verdict["winners"] == ["right"]
    names = {own["name"] for own in made.result["methods"]}
    assert "most parameters" in names
    assert {own["name"] for own in made.result["curves"]} >= {"adaptive tries", "chance", "right"}


def test_an_unknown_generic_model_is_named(tmp_path):
    document = wide(tmp_path / "errors.csv", errors()) | {"generic": "goood"}
    with pytest.raises(InputError, match="no model 'goood'") as refused:
        run(document, tmp_path)
    assert refused.value.advice == "Did you mean 'good'?"


def test_a_file_that_is_not_there_is_named(tmp_path):
    document = {"study": "recommend", "name": "t", "errors": {"table": str(tmp_path / "no.csv")}}
    with pytest.raises(TableError, match=r"no\.csv"):
        run(document, tmp_path)


def test_a_table_beside_models_is_a_mistake(tmp_path):
    document = wide(tmp_path / "errors.csv", errors()) | {"models": ["mlp"], "seeds": 2}
    with pytest.raises(JobInvalid, match="2 mistakes"):
        run(document, tmp_path)


def test_few_tasks_give_a_ranking_and_no_verdict(tmp_path):
    result = run(wide(tmp_path / "errors.csv", errors(2)), tmp_path).result
    assert result["verdicts"] == [] and len(result["ranking"]) == 7
