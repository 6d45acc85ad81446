"""registry.toml: found, read, and precise about what is wrong in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.errors import RegistryError
from taskspace.registry.apirange import in_range, parse_range, supports
from taskspace.registry.intent import find_file, read_intent

KINDS = ("dataset", "task")
GOOD = {
    "source": '"pypi:taskspace-weather==1.2.0"',
    "version": '"1.2.0"',
    "sha256": f'"{"0" * 64}"',
    "api": '">=1,<2"',
    "trust": '"pinned"',
    "enabled": "true",
    "provides": '["task:rain"]',
}


def written(tmp_path, changes=None, head="schema = 1", name="taskspace-weather"):
    values = {**GOOD, **(changes or {})}
    body = "\n".join(f"{key} = {value}" for key, value in values.items() if value)
    file = tmp_path / "registry.toml"
    file.write_text(f"{head}\n[plugins.{name}]\n{body}\n", encoding="utf-8")
    return file


def test_what_it_says_is_read(tmp_path):
    intent = read_intent(written(tmp_path), KINDS)
    entry = intent.entry("Taskspace_Weather")
    assert (entry.version, entry.trust, entry.enabled) == ("1.2.0", "pinned", True)
    assert entry.provides == ("task:rain",)
    assert intent.entry("other") is None


@pytest.mark.parametrize(
    "source",
    ["git+https://example.org/w.git@" + "a" * 40, "path:../weather", "wheel:w-1-py3-none-any.whl"],
)
def test_every_form_of_source_is_read(tmp_path, source):
    assert read_intent(written(tmp_path, {"source": f'"{source}"'}), KINDS).entries[0].source


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        ({"source": ""}, "source", "missing"),
        ({"version": ""}, "version", "missing"),
        ({"api": ""}, "api", "missing"),
        ({"trust": ""}, "trust", "missing"),
        ({"source": '"pypi:weather"'}, "source", "pypi:NAME==VERSION"),
        ({"source": '"git+https://example.org/w.git@main"'}, "source", "40 hex"),
        ({"version": "1.2"}, "version", "must be a text"),
        ({"version": '""'}, "version", "must be a text"),
        ({"sha256": '"abc"'}, "sha256", "64 hex digits"),
        ({"api": '"1.x"'}, "api", "'1.x'"),
        ({"trust": '"full"'}, "trust", "pinned, editable, unverified"),
        ({"trust": '"builtin"'}, "trust", "'builtin'"),
        ({"enabled": '"no"'}, "enabled", "true or false"),
        ({"provides": '"task:rain"'}, "provides", "must be a list"),
        ({"provides": '["tusk:rain"]'}, "provides", "KIND:NAME"),
        ({"provides": '["task:"]'}, "provides", "KIND:NAME"),
        ({"provides": "[1]"}, "provides", "KIND:NAME"),
        ({"sha265": '"x"'}, "sha265", "Did you mean 'sha256'"),
        ({"source": "", "sorce": '"x"'}, "sorce", "Did you mean 'source'"),
        ({"distribution": '"x"'}, "distribution", "Known: source"),
        ({"trust": "3"}, "trust", "pinned, editable, unverified"),
        ({"source": '"path:a\\u0000b"'}, "source", "NUL"),
        ({"version": f'"{"1" * 5000}"'}, "version", "5000 characters"),
        ({"provides": "{a = 1}"}, "provides", "must be a list"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path, changes, key, said):
    file = written(tmp_path, changes)
    with pytest.raises(RegistryError) as caught:
        read_intent(file, KINDS)
    assert caught.value.where == f"{file}: plugins.taskspace-weather.{key}"
    assert said in caught.value.what
    assert "--no-plugins" in caught.value.advice


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("schema = 1\nplugins = 3\n", ": plugins", "must be a table"),
        ("schema = 1\n[plugins]\nweather = 3\n", ": plugins.weather", "must be a table"),
        ("schema = 2\n", ": schema", "Found 2"),
        ("schema = true\n", ": schema", "Found True"),
        ("", ": schema", "nothing"),
        ("schema = 1\n[plugin.x]\n", ": plugin", "Did you mean 'plugins'"),
        ("schema = 1\n[plugins.taskspace]\n", ": plugins.taskspace", "need no entry"),
        ("schema = \n", "", "line 1"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, text, where, said):
    file = tmp_path / "registry.toml"
    file.write_text(text)
    with pytest.raises(RegistryError) as caught:
        read_intent(file, KINDS)
    assert caught.value.where == f"{file}{where}"
    assert said in caught.value.what


def test_one_distribution_under_two_spellings_is_a_mistake(tmp_path):
    file = written(tmp_path)
    body = file.read_text()
    file.write_text(
        body + body.partition("\n")[2].replace("taskspace-weather]", "Taskspace_Weather]")
    )
    with pytest.raises(RegistryError, match="same distribution as 'taskspace-weather'"):
        read_intent(file, KINDS)


def test_bytes_that_are_no_text_are_named(tmp_path):
    file = tmp_path / "registry.toml"
    file.write_bytes(b"schema = 1\n# caf\xe9\n")
    with pytest.raises(RegistryError, match="not UTF-8 text: line 2 has the byte 0xe9"):
        read_intent(file, KINDS)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_is_read_as_any_editor_saves_it(tmp_path, encoding, end):
    body = written(tmp_path).read_text()
    file = tmp_path / "registry.toml"
    file.write_bytes(body.replace("\n", end).encode(encoding))
    assert [entry.distribution for entry in read_intent(file, KINDS).entries] == [
        "taskspace-weather"
    ]


def test_it_is_found_by_walking_up(tmp_path):
    deep = tmp_path / "a/b"
    deep.mkdir(parents=True)
    assert find_file(deep) is None or tmp_path not in find_file(deep).parents
    file = written(tmp_path)
    assert find_file(deep) == file
    nearer = tmp_path / "a/registry.toml"
    nearer.write_text("schema = 1\n")
    assert find_file(deep) == nearer


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_a_range_holds_what_lies_in_it(number, low, high):
    assert in_range(number, f">={low}, <{high}") == (low <= number < high)
    assert in_range(number, f"=={low}") == (number == low)
    assert in_range(number, f"!={low},>{high}") == (number != low and number > high)


@given(st.integers(2, 9))
def test_the_api_and_the_one_before_are_supported(api):
    assert supports(api, f"=={api}")
    assert supports(api, f"=={api - 1}")
    assert not supports(api, f"=={api + 1}")
    assert not supports(api, f"<{api - 1}")


@given(st.text())
def test_a_range_is_parsed_or_refused(text):
    try:
        clauses = parse_range(text)
    except ValueError:
        return
    assert clauses
