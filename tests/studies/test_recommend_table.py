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


def text_table(place: Path, text: str, **description) -> dict:
    file = place / "errors.csv"
    file.write_text(text, encoding="utf-8")
    return {"study": "recommend", "name": "t", "errors": {"table": str(file)} | description}


def codes(made) -> set[str]:
    return {found.code for found in made.findings}


ROWS = "task,a,b\nt1,1,2\nt2,3,2\nt3,1,4\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ROWS.replace(",", "|"), r"separated by '\|'"),
        (ROWS.replace("t2,3", "t2,3%"), r"csv:3, column 'a': .* is '3%', with a percent sign"),
        (ROWS.replace("t2,3", "t2,-3"), "it is at least 0"),
        (ROWS.replace("t2,3", "t2,1e400"), "no finite number"),
        ("task\nt1\n", "The header has 1 column; "),
        ("task,model,error,parameters\nt,a,1,25.6\nt,b,2,30\n", "25600000 for 25.6 million"),
        ("task,model,error,parameters\nt,a,1,-5\nt,b,2,30\n", "a whole number"),
    ],
)
def test_a_cell_or_header_that_cannot_be_used_says_what_to_write(tmp_path, text, message):
    with pytest.raises(TableError, match=message):
        run(text_table(tmp_path, text), tmp_path)


def test_rows_of_separators_alone_are_skipped(tmp_path):
    plain = run(text_table(tmp_path, ROWS), tmp_path).result
    ended = run(text_table(tmp_path, ROWS.replace("t2", ",,\nt2") + ",,\n , ,\n"), tmp_path).result
    assert ended["ranking"] == plain["ranking"]


@pytest.mark.parametrize(
    "text",
    [
        ROWS.replace(",", ";"),
        ROWS.replace(",", "\t"),
        ROWS.replace("t1,1", "t1,1,0").replace(",", ";").replace("1;0", "1,0"),
        "\ufeff" + ROWS.replace("task", " TASK "),
        "Model,TASK,Error\na,t1,1\na,t2,3\na,t3,1\nb,t1,2\nb,t2,2\nb,t3,4\n",
    ],
)
def test_tables_of_spreadsheets_are_read_like_others(tmp_path, text):
    plain = run(text_table(tmp_path, ROWS), tmp_path).result
    assert run(text_table(tmp_path, text), tmp_path).result["ranking"] == plain["ranking"]


def test_where_best_models_make_no_error_nothing_is_relative_to_them(tmp_path):
    rows = "".join(f"t{number},0,{number + 1},3\n" for number in range(6))
    made = run(text_table(tmp_path, "task,a,b,c\n" + rows), tmp_path)
    methods = {own["name"]: own for own in made.result["methods"]}
    assert methods["chance"]["relative"] is None and methods["chance"]["regret"]["mean"] > 0
    assert made.result["curves"] == []
    (advice,) = [found.text for found in made.findings if found.code == "start-from-average"]
    assert "start from a" in advice and "0.0 [0.0, 0.0] points behind" in advice


def test_a_task_without_error_is_left_out_of_the_verdict_and_does_not_prevent_it(tmp_path):
    draw = np.random.default_rng(0)
    lines = ["task,model,error,right"]
    for task in range(12):
        for model in range(5):
            error = 0.0 if task + model == 0 else draw.uniform(5, 60)
            lines.append(f"t{task},m{model},{error},{-error}")
    document = text_table(tmp_path, "\n".join(lines), columns={"scores": ["right"]})
    (verdict,) = run(document, tmp_path).result["verdicts"]
    assert verdict["winners"] == ["right"] and "11 tasks" in verdict["text"]


def test_one_model_or_one_task_is_no_choice_and_the_findings_say_so(tmp_path):
    alone = run(text_table(tmp_path, "task,a\nt1,1\nt2,3\n"), tmp_path)
    assert codes(alone) == {"one-model", "table-read"}
    one_task = run(text_table(tmp_path, "task,a,b\nt1,1,2\n"), tmp_path)
    assert codes(one_task) == {"one-task", "table-read"}


def test_an_enormous_loss_is_shown_with_an_exponent(tmp_path):
    made = run(text_table(tmp_path, ROWS.replace("t1,1", "t1,1e300")), tmp_path)
    assert max(len(found.text) for found in made.findings) < 400


def test_models_that_only_their_own_tasks_measure_have_no_average(tmp_path):
    made = run(text_table(tmp_path, "task,t1,t2\nt1,1,2\nt2,2,1\n"), tmp_path)
    names = {own["name"] for own in made.result["methods"]}
    assert "best average (left out)" not in names and "chance" in names
