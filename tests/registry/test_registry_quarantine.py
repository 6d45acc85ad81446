"""A plugin that fails is set aside with its reason, and harms nothing else."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys

import pytest

from taskspace.components import ComponentSpec
from taskspace.errors import ComponentUnavailable, InputError
from taskspace.registry import Registry
from taskspace.registry.descriptions.contained import describe_in_child, time_limit
from taskspace.registry.processes import supervised

BAD = "taskspace-bad"

OWN = "@classmethod\n    def model_json_schema(cls):\n        return "

# What is wrong with the plugin, as a change to one that is right; and what the reason must say.
FAULTS = {
    "import error": (("return [Rain]", "return [Rain]\nimport nothing_of_that_name"), "ModuleNotF"),
    "says where": (("return [Rain]", "return [Rain]\n1 / 0"), r"ZeroDivisionError.*plugin\.py:\d+"),
    "syntax error": (("return [Rain]", "return [Rain"), "SyntaxError"),
    "exit": (("return [Rain]", "return [Rain]\nraise SystemExit(0)"), r"ended .*exit status 0"),
    "exit in hook": (("return [Rain]", "raise SystemExit(3)"), "exit status 3"),
    "hard exit": (("return [Rain]", "return [Rain]\nimport os\nos._exit(7)"), "exit status 7"),
    "crash": (
        ("return [Rain]", "return [Rain]\nimport os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"),
        "signal SIGSEGV",
    ),
    "no components": (("return [Rain]", "return []"), "no components"),
    "no list": (("return [Rain]", "return 5"), "must return a list"),
    "no class": (("return [Rain]", "return ['Rain']"), "is no task"),
    "wrong kind": (("def taskspace_tasks", "def taskspace_encoders"), "is no encoder"),
    "unknown hook": (("def taskspace_tasks", "def taskspace_tusks"), "taskspace_tusks"),
    "twice": (("return [Rain]", "return [Rain, Rain]"), "Two classes are the task 'rain'"),
    "abstract": (("def head(", "def heads("), "does not define head"),
    "reserved": (("sharpness: float", "importance: float"), "'importance', which is a word of"),
    "reserved alias": (("description=", "alias='use', description="), "'use', which is a word of"),
    "bad name": (('= "rain"', '= "Rain 2"'), "has the name 'Rain 2'"),
    "no name": (('    name: ClassVar[str] = "rain"\n', ""), "has the name None"),
    "facts": (("label_cost: ClassVar[float] = 2.0", "label_cost: ClassVar = object()"), "JSON"),
    "no schema": (("sharpness: float =", "sharpness: type(len) ="), "sharpness|Unable to generate"),
    "schema of its own": (
        ("def head(", f"{OWN}5\n\n    def head("),
        "it is 5 and must be a mapping",
    ),
    "bad schema": (
        ("def head(", f"{OWN}{{'type': 'x'}}\n\n    def head("),
        "type is 'x' and must be one or several of array",
    ),
    "schema to nowhere": (
        ("def head(", f"{OWN}{{'$ref': '#/$defs/a'}}\n\n    def head("),
        "points to '#/\\$defs/a'",
    ),
    "schema of objects": (
        ("def head(", f"{OWN}{{'default': object()}}\n\n    def head("),
        "no plain JSON",
    ),
}

# What it does to the process that describes it, and what the reason must say.
FORGERIES = {
    "no JSON": ("import json\njson.dumps = lambda *a, **k: '{no'", "Expecting property name"),
    "not a number": ("import time\ntime.perf_counter = lambda: float('nan')", "says NaN"),
    "infinite": ("import json\njson.dumps = lambda *a, **k: '1e999'", "it is no mapping"),
    "nested": ("import json\njson.dumps = lambda *a, **k: '[' * 200_000", "nested too deep"),
    "enormous": (
        "import json\njson.dumps = lambda *a, **k: ' ' * 3_000_000",
        "more than 2,000,000 bytes",
    ),
    "half a character": ("import json\njson.dumps = lambda *a, **k: '\"\\\\ud800\"'", "surrogates"),
    "a list": ("import json\njson.dumps = lambda *a, **k: '[]'", "it is no mapping"),
    "nothing": ("import json\njson.dumps = lambda *a, **k: '{}'", "components are no list of 1"),
    "no failure": ("import json\njson.dumps = lambda *a, **k: '{\"failure\": 1}'", "is no text"),
    "a pipe": (
        "import os, sys\nos.mkfifo(sys.argv[1])\nos._exit(0)",
        "it is a named pipe, not a file",
    ),
    "a folder": ("import os, sys\nos.mkdir(sys.argv[1])\nos._exit(0)", "Is a directory"),
    "a link": (
        "import os, sys\nos.symlink('/dev/zero', sys.argv[1])\nos._exit(0)",
        "it is a link",
    ),
    "a long reason": ("raise RuntimeError('long ' * 1_000_000)", r"RuntimeError: long .* \.\.\.$"),
}

# What it says of itself in place of one field, and what the reason must say.
LIES = {
    "kind": ("'tusk'", "no kind 'tusk'"),
    "name": ("'Rain; rm'", "no name of a component"),
    "summary": ("'x' * 301", "summary .* more than 300"),
    "target": ("'os.system(1)'", "names no class"),
    "api": ("True", "api .* no number"),
    "facts": ("[]", "they are no mapping"),
    "schema": ("{'properties': {'a': True}}", r"properties\.a is True and must be a mapping"),
}
LIE = """
from taskspace.registry.descriptions.description import Description
true = Description.as_json
Description.as_json = lambda self: {{**true(self), {field!r}: {value}}}
"""


def reason(site) -> str:
    found = next(p for p in site.load().plugins() if p.distribution == BAD)
    assert found.status == "quarantined", found
    return found.reason


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_plugin_is_quarantined_with_its_reason(site, fault):
    (old, new), said = FAULTS[fault]
    assert old in site.rain
    site.install(BAD, site.rain.replace(old, new))
    result = describe_in_child(site.found(BAD))
    assert result.failure is not None
    assert re.search(said, result.failure), result.failure


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_answer_is_the_plugins_fault(forgery, site):
    code, said = FORGERIES[forgery]
    site.install(BAD, f"{site.rain}\n{code}\n")
    result = describe_in_child(site.found(BAD))
    assert result.components == () and re.search(said, result.failure), result.failure
    assert len(result.failure) < 2100


@pytest.mark.parametrize("field", LIES)
def test_a_lie_about_a_component_is_not_believed(field, site):
    value, said = LIES[field]
    site.install(BAD, site.rain + LIE.format(field=field, value=value))
    result = describe_in_child(site.found(BAD))
    assert result.components == () and re.search(said, result.failure), result.failure


DETACHED = """
import os
if not os.fork():
    os.setsid()
    if number := os.fork():
        open({note!r}, "w").write(str(number))
        os._exit(0)
    os.execve("/bin/sleep", ["sleep", "1000"], {{}})
os.wait()
"""


@pytest.mark.parametrize("wrong", ["soon", "0", "-1", "inf", "nan"])
def test_the_time_that_describing_may_take_is_a_number_above_0(wrong, monkeypatch):
    monkeypatch.setenv("TASKS_DESCRIBE_SECONDS", wrong)
    with pytest.raises(InputError, match="TASKS_DESCRIBE_SECONDS"):
        time_limit()


@pytest.mark.usefixtures("cold_python")
def test_a_hang_is_ended_with_what_it_has_started(site, tmp_path):
    note, detached = tmp_path / "child", tmp_path / "detached"
    site.install(
        BAD,
        f"{DETACHED.format(note=str(detached))}\n"
        "import subprocess, threading\n"
        "p = subprocess.Popen(['sleep', '1000'])\n"
        f"open({str(note)!r}, 'w').write(str(p.pid))\n"
        "threading.Event().wait()\n",
    )
    seconds = 1
    while not note.exists():  # a busy machine needs longer to get there
        seconds *= 2
        assert describe_in_child(site.found(BAD), seconds=seconds).failure == (
            f"Describing it took more than {seconds} s (TASKS_DESCRIBE_SECONDS allows more)."
        )
    assert _ends(int(note.read_text()))
    assert sys.platform != "linux" or _ends(int(detached.read_text()))


@pytest.mark.usefixtures("cold_python")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
@pytest.mark.parametrize(
    "end",
    [
        "",
        "raise OSError",
        "os._exit(3)",
        "os.kill(0, 9)",
    ],
)
def test_what_a_plugin_has_detached_ends_with_the_process_that_describes_it(end, site, tmp_path):
    note = tmp_path / "detached"
    site.install(BAD, f"{DETACHED.format(note=str(note))}\n{end}\n{site.rain}")
    assert (describe_in_child(site.found(BAD), seconds=600).failure is None) == (not end)
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
def test_a_killed_command_leaves_no_process_of_a_plugin(site, tmp_path):
    note = tmp_path / "detached"
    os.mkfifo(note)
    hang = "import threading\nthreading.Event().wait()\n"
    site.install(BAD, DETACHED.format(note=str(note)) + hang)
    code = (
        "from taskspace.registry.descriptions.contained import describe_in_child\n"
        "from taskspace.registry.distributions.discovery import discover\n"
        f"describe_in_child(discover([{str(site.folder)!r}])[0])\n"
    )
    paths = [str(site.folder), *sys.path]
    command = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    )
    detached = int(note.read_text())  # waits for the plugin
    command.kill()
    command.wait()
    assert _ends(detached)


def _ends(process: int) -> bool:
    """Return whether a killed process ends, which takes a moment on a busy machine."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    ended = bool(poll.poll(600_000))
    os.close(handle)
    return ended


@pytest.mark.usefixtures("cold_python")
def test_what_a_plugin_prints_is_not_its_answer(site, capfd):
    noise = 'print(\'{"components": []}\')\nimport sys\nsys.stderr.write("noise")\n'
    site.install(BAD, noise + site.rain)
    assert [d.name for d in describe_in_child(site.found(BAD)).components] == ["rain"]
    assert capfd.readouterr() == ("", "")


def test_a_quarantined_plugin_leaves_the_rest_alone_and_is_named_when_needed(site):
    site.install(BAD, "raise RuntimeError('broken wing')")
    site.trust(BAD, provides='["task:rain"]')
    site.install("taskspace-weather", site.rain.replace('"rain"', '"snow"'))
    site.trust("taskspace-weather")
    registry = site.load()
    assert registry.activate("task", "snow").name == "snow"
    assert "broken wing" in reason(site)
    with pytest.raises(ComponentUnavailable) as caught:
        registry.activate("task", "rain")
    assert "broken wing" in caught.value.what
    assert "disable taskspace-bad" in caught.value.advice


def test_a_name_that_is_taken_names_both_owners(site):
    site.install("taskspace-weather")
    site.trust("taskspace-weather")
    site.install(BAD)
    site.trust(BAD)
    assert "taskspace-weather 1.0 and taskspace-bad 1.0" in reason(site)
    registry = site.load()
    assert registry.describe("task", "rain").plugin == "taskspace-weather"
    assert registry.describe("task", "taskspace-weather/rain").plugin == "taskspace-weather"
    with pytest.raises(ComponentUnavailable, match="provided by taskspace-bad"):
        registry.describe("task", "taskspace-bad/rain")


def test_a_built_in_name_is_taken_too(site):
    site.install(BAD, site.rain.replace("taskspace_tasks", "taskspace_datasets"))
    text = (site.folder / "taskspace_bad/plugin.py").read_text()
    text = text.replace("Task, VectorHead", "Dataset").replace("(Task)", "(Dataset)")
    text = text.replace('"rain"', '"digits"').replace("return VectorHead(2)", "return {}")
    text += "for f in Rain.__abstractmethods__:\n    setattr(Rain, f, lambda self, *a: None)\n"
    text += "Rain.__abstractmethods__ = frozenset()\n"
    site.install(BAD, text)
    site.trust(BAD)
    assert "'digits': taskspace " in reason(site)


def test_broken_metadata_is_a_value_beside_the_others(site):
    site.install(BAD, entry_points="[taskspace]\nplugin = not a module!\n")
    site.trust(BAD)
    assert "names no module" in reason(site)
    site.install("nameless", metadata="Version: 1\n")
    states = [p for p in site.load().plugins() if p.distribution == "nameless"]
    assert states[0].reason == "Its METADATA has no Name or no Version."


def test_an_import_that_fails_here_sets_the_plugin_aside(site, monkeypatch):
    module = f"import os\nif os.getpid() == {os.getpid()}:\n    raise SystemExit(1)\n" + site.rain
    site.install(BAD, module)
    site.trust(BAD)
    registry = site.load()
    before = registry.digest
    assert registry.names("task").count("rain") == 1
    for _ in range(2):
        with pytest.raises(ComponentUnavailable, match="SystemExit: 1"):
            registry.activate("task", "rain")
    assert "rain" not in registry.names("task")
    assert registry.digest != before


def test_no_plugins_is_the_safe_mode(site):
    (site.project / "registry.toml").write_text("not toml")
    site.install(BAD, "raise SystemExit")
    registry = Registry.load(site.project, plugins=False, search=[str(site.folder)])
    assert [p.status for p in registry.plugins()] == ["ready", "blocked"]


def test_describing_happens_once(site, monkeypatch):
    site.install(BAD)
    site.trust(BAD)
    assert site.load().names("task").count("rain") == 1
    monkeypatch.setattr(supervised.subprocess, "Popen", None)
    assert site.load().names("task").count("rain") == 1


def test_a_failure_is_remembered_until_the_environment_changes(site, monkeypatch):
    site.install(BAD, "import missing_friend\n" + site.rain)
    site.trust(BAD)
    assert "missing_friend" in reason(site)
    with monkeypatch.context() as patch:
        patch.setattr(supervised.subprocess, "Popen", None)
        assert "missing_friend" in reason(site)
    (site.folder / "missing_friend.py").write_text("")
    (site.folder / "missing_friend-1.dist-info").mkdir()
    assert "rain" in site.load().names("task")


def test_a_damaged_cache_is_made_again(site, tmp_path):
    site.install(BAD)
    site.trust(BAD)
    site.load()
    (file,) = (tmp_path / "cache").rglob("*.json")
    file.write_text("{")
    assert "rain" in site.load().names("task")
    assert '"rain"' in file.read_text()


def test_a_component_is_made_from_its_spec_or_says_what_is_wrong(site):
    site.install(BAD)
    site.trust(BAD)
    registry = site.load()
    rain = registry.component(ComponentSpec("task", "rain", {"sharpness": 3.0}))
    assert registry.component(rain.spec()) == rain
    with pytest.raises(InputError, match=r"sharpness: .*greater than 0"):
        registry.component(ComponentSpec("task", "rain", {"sharpness": 0}))
    stages = {p.distribution: p.stage for p in registry.plugins()}
    assert stages[BAD] == "activated"
