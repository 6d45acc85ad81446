"""Problems as people see them in a terminal, and as machines read them."""

from __future__ import annotations

from dataclasses import replace

from taskspace.errors import JobInvalid, Problem
from taskspace.jobs import MEANINGS, Code, as_json, render

PROBLEM = Problem(
    code="TSK012",
    message="There is no task 'normls'.",
    file="job.yaml",
    line=4,
    column=5,
    path="tasks.0",
    suggestion="normals",
    source_line="  - normls",
    width=6,
)


def caret_line(problem: Problem) -> str:
    return render(problem).split("\n")[2]


def test_a_problem_is_rendered_with_place_line_caret_and_suggestion():
    assert render(PROBLEM) == (
        "job.yaml:4:5: There is no task 'normls'. [TSK012]\n"
        "      - normls\n"
        "        ^^^^^^\n"
        "Did you mean 'normals'?"
    )


def test_wide_characters_take_two_cells_and_accents_none():
    line = "e\u0301: [日本, x]"
    assert caret_line(replace(PROBLEM, source_line=line, column=6, width=2)) == "        ^^^^"
    assert caret_line(replace(PROBLEM, source_line=line, column=10, width=1)) == " " * 14 + "^"


def test_tabs_stay_tabs():
    assert caret_line(replace(PROBLEM, source_line="a:\t[x]", column=5, width=1)) == "      \t ^"


def test_a_long_line_is_cut_around_the_caret():
    line = "a" * 500 + "BAD" + "b" * 500
    lines = render(replace(PROBLEM, source_line=line, column=501, width=3)).split("\n")
    assert len(lines[1]) < 120
    start = lines[2].index("^^^")
    assert lines[1][start : start + 3] == "BAD"
    assert lines[1].strip().startswith("...") and lines[1].endswith("...")


def test_a_caret_behind_the_end_is_one_wide():
    assert caret_line(replace(PROBLEM, source_line="name:", column=6, width=1)) == " " * 9 + "^"


def test_without_a_text_the_path_is_the_place():
    bare = replace(PROBLEM, file="<mapping>", line=0, column=0, source_line="", suggestion=None)
    assert render(bare) == "<mapping>: tasks.0: There is no task 'normls'. [TSK012]"
    assert JobInvalid([bare]).where == "<mapping>:tasks.0"


def test_json_has_what_machines_need():
    bare = replace(PROBLEM, line=0, column=0, suggestion=None)
    assert as_json([PROBLEM, bare]) == {
        "errors": [
            {
                "code": "TSK012",
                "message": "There is no task 'normls'.",
                "file": "job.yaml",
                "line": 4,
                "column": 5,
                "path": "tasks.0",
                "suggestion": "normals",
            },
            {
                "code": "TSK012",
                "message": "There is no task 'normls'.",
                "file": "job.yaml",
                "line": None,
                "column": None,
                "path": "tasks.0",
                "suggestion": None,
            },
        ]
    }


def test_every_code_has_a_number_of_its_own_and_a_meaning():
    assert set(MEANINGS) == set(Code)
    assert len({code.value for code in Code}) == len(Code)
