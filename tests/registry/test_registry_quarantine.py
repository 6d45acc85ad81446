"""A plugin that fails is set aside with its reason, and harms nothing else."""

from __future__ import annotations

import os
import re
import select

import pytest

from taskspace.components import ComponentSpec
from taskspace.errors import ComponentUnavailable, InputError
from taskspace.registry import Registry, contained
from taskspace.registry.contained import describe_in_child

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
    "schema of its own": (("def head(", f"{OWN}5\n\n    def head("), "has 5 for its schema"),
    "bad schema": (("def head(", f"{OWN}{{'type': 'x'}}\n\n    def head("), "has a bad schema"),
    "schema to nowhere": (
        ("def head(", f"{OWN}{{'$ref': '#/$defs/a'}}\n\n    def head("),
        "points to '#/\\$defs/a'",
    ),
    "schema of objects": (
        ("def head(", f"{OWN}{{'default': object()}}\n\n    def head("),
        "no plain JSON",
    ),
}


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


def test_a_hang_is_ended(site, tmp_path):
    note = tmp_path / "grandchild"
    site.install(
        BAD,
        "import subprocess, sys, threading\n"
        "wait = 'import threading; threading.Event().wait()'\n"
        "p = subprocess.Popen([sys.executable, '-c', wait])\n"
        f"open({str(note)!r}, 'w').write(str(p.pid))\n"
        "threading.Event().wait()\n",
    )
    assert describe_in_child(site.found(BAD), seconds=6).failure == (
        "Describing it took more than 6 s (TASKS_DESCRIBE_SECONDS allows more)."
    )
    assert _ends(int(note.read_text()))


def _ends(process: int) -> bool:
    """Return whether a killed process ends, which takes a moment on a busy machine."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    ended = bool(poll.poll(10_000))
    os.close(handle)
    return ended


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
    monkeypatch.setattr(contained.subprocess, "Popen", None)
    assert site.load().names("task").count("rain") == 1


def test_a_failure_is_remembered_until_the_environment_changes(site, monkeypatch):
    site.install(BAD, "import missing_friend\n" + site.rain)
    site.trust(BAD)
    assert "missing_friend" in reason(site)
    with monkeypatch.context() as patch:
        patch.setattr(contained.subprocess, "Popen", None)
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
