"""init, check and schema; and what a broken job looks like from outside."""

from __future__ import annotations

import json

import jsonschema


def test_init_writes_a_job_that_is_sound_and_overwrites_nothing(tasks, tmp_path):
    made = tasks("init", "mine")
    assert made.status == 0
    assert sorted(p.name for p in (tmp_path / "mine").iterdir()) == [
        "job.schema.json", "job.yaml", "registry.toml",
    ]  # fmt: skip
    assert tasks("check", "mine/job.yaml").status == 0
    (tmp_path / "mine" / "job.yaml").write_text("study: mine\n")
    assert tasks("init", "mine", "--json").json == {"written": []}
    assert (tmp_path / "mine" / "job.yaml").read_text() == "study: mine\n"


def test_the_schema_accepts_the_job(tasks, small_job):
    schema = tasks("schema").json
    document = tasks("check", str(small_job), "--json").json["job"]
    jsonschema.Draft202012Validator(schema).validate(document)
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(document | {"sed": 1}))


def test_every_mistake_is_shown_with_its_place(tasks, small_job):
    small_job.write_text(
        small_job.read_text().replace("edges_2d]", "edge_2d]").replace("epochs: 1}", "epoch: 1}", 1)
    )
    said = tasks("check", str(small_job))
    assert said.status == 2
    assert f"{small_job}:4:19" in said.err
    assert "Did you mean 'edges_2d'?" in said.err
    assert "Did you mean 'epochs'?" in said.err
    assert said.out == ""


def test_machines_get_every_mistake_as_json_on_stdout(tasks, small_job):
    small_job.write_text(small_job.read_text() + "sed: 1\nseed: -1\n")
    said = tasks("run", str(small_job), "--json")
    assert said.status == 2
    errors = said.json["errors"]
    assert [(e["code"], e["line"], e["column"]) for e in errors] == [
        ("TSK010", 9, 1), ("TSK013", 10, 7),
    ]  # fmt: skip
    assert errors[0]["suggestion"] == "seed"
    assert all(e["file"] == str(small_job) for e in errors)


def test_overrides_are_checked_as_the_file_is(tasks, small_job):
    said = tasks("check", str(small_job), "--set", "solve.budgets=[1, many]", "--json")
    assert said.status == 2
    (error,) = said.json["errors"]
    assert (error["file"], error["line"], error["path"]) == ("--set", 1, "solve.budgets.1")


def test_a_file_that_is_not_there(tasks):
    said = tasks("run", "nowhere.yaml")
    assert said.status == 2
    assert "nowhere.yaml" in said.err


def test_a_usage_error_is_exit_2(tasks):
    assert tasks("run").status == 2
    assert tasks("unknown").status == 2


def test_help_of_every_command_has_an_example(tasks):
    for command in ("run", "train", "transfer", "solve", "recommend", "rerun", "init", "check",
                    "schema", "show", "report", "agreement", "components", "runs", "plugin list",
                    "plugin show", "plugin doctor"):  # fmt: skip
        said = tasks(*command.split(), "--help")
        assert said.status == 0
        assert "Example" in said.out, command


def test_recommend_refuses_a_job_of_another_study(tasks, tmp_path):
    job = tmp_path / "job.yaml"
    job.write_text("study: taxonomy\nname: a\ndataset: digits\ntasks: [parity, loops]\n")
    refused = tasks("recommend", str(job))
    assert refused.status == 2
    assert "This is a taxonomy job" in refused.err
    assert f"tasks run {job}" in refused.err


def test_components_as_json(tasks):
    listed = tasks("components", "solver", "--json").json["components"]
    assert [c["name"] for c in listed] == ["auto", "glpk", "highs"]
    said = tasks("components", "solvr")
    assert said.status == 2
    assert "solver" in said.err


def test_plugins_as_json(tasks):
    (own,) = tasks("plugin", "list", "--json").json["plugins"]
    assert own["distribution"] == "taskspace"
    assert json.dumps(own)
