"""Plugins that lie about themselves, or do otherwise in the run's process, seen from outside."""

from __future__ import annotations

import json

from cli_site import RAIN

# What a plugin does where it is described, and what its reason must say.
LIARS = {
    "json": ("import json\njson.dumps = lambda *a, **k: '{no'", "cannot be used: Expecting"),
    "pipe": (
        "import os, sys\nos.mkfifo(sys.argv[1])\nos._exit(0)",
        "cannot be used: it is a named pipe, not a file",
    ),
    "kind": (
        "from taskspace.registry.descriptions.description import Description as D\n"
        "true = D.as_json\nD.as_json = lambda self: {**true(self), 'kind': 'tusk'}",
        "there is no kind 'tusk'",
    ),
    "boolean": (
        "Rain.model_json_schema = classmethod(lambda cls: {'properties': {'a': True}})",
        "properties.a is True and must be a mapping",
    ),
    "loop": (
        "Rain.model_json_schema = classmethod("
        "lambda cls: {'$defs': {'a': {'$ref': '#/$defs/a'}}, '$ref': '#/$defs/a'})",
        "refers to itself",
    ),
}

# What a plugin does in the process of `tasks`, and what is said of it.
ENDINGS = {
    "hangs": ("import threading\nthreading.Event().wait()", "took more than 2 s"),
    "hangs and does not heed": (
        "import threading\n"
        "for _ in range(2):\n"
        "    try:\n"
        "        threading.Event().wait()\n"
        "    except BaseException:\n"
        "        pass\n"
        "threading.Event().wait()",
        "took more than 2 s",
    ),
    "sys.exit": ("import sys\nsys.exit(0)", "failed: SystemExit: 0"),
    "os._exit": ("import os\nos._exit(0)", "would end this process (os._exit)"),
    "posix._exit": ("import posix\nposix._exit(0)", "would end this process (os._exit)"),
    "os.abort": ("import os\nos.abort()", "would end this process (os.abort)"),
    "os.execl": ("import os\nos.execl('/bin/true', 'true')", "would end this process (os.execv)"),
    "neither": ("raise BaseException('odd')", "failed: BaseException: odd"),
    "kill": ("import os\nos.kill(os.getpid(), 9)", ""),
    "thread": (
        "import os, threading\nt = threading.Thread(target=os._exit, args=(0,))\n"
        "t.start()\nt.join()",
        "left code behind that would end this process",
    ),
}


def _install(site, name: str, code: str) -> None:
    module = RAIN.replace('"rain"', f'"{name}"') + code + "\n"
    site.install(f"taskspace-{name}", module)
    site.trust(f"taskspace-{name}", provides=f'["task:{name}"]')


def test_plugins_that_lie_are_set_aside_each_with_its_reason(site, plugged, small_job, kept):
    for name, (code, _) in LIARS.items():
        _install(site, name, code)
    listed = plugged("plugin", "list", "--json").json["plugins"]
    states = {plugin["distribution"].removeprefix("taskspace-"): plugin for plugin in listed}
    doctor = plugged("plugin", "doctor")
    assert doctor.status == 1
    for name, (_, said) in LIARS.items():
        assert states[name]["status"] == "quarantined" and said in states[name]["reason"], name
        assert said in " ".join(doctor.out.split()), name
    checked = plugged("plugin", "check", "json", "--only", "docstring_says_what_it_is")
    assert checked.status == 2 and LIARS["json"][1] in " ".join(checked.err.split())
    assert "identity" in plugged("components", "task").out
    assert len(plugged("schema").out) < 2_000_000
    run = plugged("run", str(small_job), "--json", **kept)
    assert run.status == 0 and run.json["study"] == "taxonomy"


def test_a_cache_that_lies_is_written_anew(site, plugged):
    _install(site, "fair", "")
    assert plugged("components", "task", "--json").json
    (file,) = (site.project / "cache" / "plugins").glob("*.json")
    true = file.read_text()
    record = json.loads(true)
    record["answer"]["components"][0]["schema"] = {"properties": {"sharpness": True}}
    for text in (json.dumps(record), "[" * 100_000, "NaN", '{"format": 3}', true[:-20]):
        file.write_text(text)
        described = plugged("components", "task", "--json")
        assert "sharpness" in described.out
        assert json.loads(file.read_text()).keys() == record.keys()


def test_a_plugin_that_acts_otherwise_in_the_run_cannot_end_it_well(
    site, plugged, small_job, needing, kept
):
    text = needing.read_text()
    for number, (code, _) in enumerate(ENDINGS.values()):
        own = "".join(f"    {line}\n" for line in code.splitlines())
        _install(site, f"r{number}", f"import sys\nif 'taskspace_cli' in sys.modules:\n{own}")
    plugged("components", "task")  # describes all, without a limit that a busy machine breaks
    for number, (ending, (_, said)) in enumerate(ENDINGS.items()):
        needing.write_text(text.replace(", rain]", f", r{number}]"))
        limit = {"TASKS_DESCRIBE_SECONDS": "2"} if ending.startswith("hangs") else {}
        run = plugged("run", str(needing), **limit, **kept)
        assert run.status not in (0, None), ending
        assert said in " ".join((run.out + run.err).split()), (ending, run.err)
    run = plugged("run", str(small_job), "--json", **kept)
    assert run.status == 0, run.err


def test_a_plugin_cannot_change_the_status_when_the_process_exits(site, started, needing, kept):
    code = "import atexit, os\natexit.register(os._exit, 0)\nraise ValueError('odd')\n"
    own = "".join(f"    {line}\n" for line in code.splitlines())
    _install(site, "rain", f"import sys\nif 'taskspace_cli' in sys.modules:\n{own}")
    run = started("run", str(needing), **site.environment, **kept)
    assert run.status == 1
    assert "failed: ValueError: odd" in run.err
    assert "left code behind that would end this process (os._exit)" in run.err


def test_a_cell_cannot_end_a_run_that_computes_in_its_own_process(site, plugged, needing, kept):
    method = "    def target(self, sample):\n"
    statements = ("import os", "try:", "    os._exit(0)", "except Exception:", "    pass")
    end = "".join(f"        {statement}\n" for statement in statements)
    site.install("taskspace-bad", RAIN.replace(method, method + end))
    site.trust("taskspace-bad")
    run = plugged("run", str(needing), **kept)
    assert run.status == 1
    assert "A cell would end this process (os._exit)" in run.err


def test_a_pattern_of_exponential_time_is_matched_at_once(site, plugged, needing):
    field = 'sharpness: str = Field("a", pattern=r"^(a+)+$", description="How sure it is.")'
    old = 'sharpness: float = Field(1.0, gt=0, description="How sure it is.")'
    assert old in RAIN
    site.install("taskspace-bad", RAIN.replace(old, field))
    site.trust("taskspace-bad")
    needing.write_text(
        needing.read_text().replace(", rain]", f", {{use: rain, sharpness: {'a' * 60}!}}]")
    )
    refused = plugged("check", str(needing))
    assert refused.status == 2 and "must be text that matches ^(a+)+$" in refused.err
    needing.write_text(needing.read_text().replace("a!", "a"))
    assert plugged("check", str(needing)).status == 0
