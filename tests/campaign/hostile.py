"""Lies: wheels, source trees, modules and notes that are not what they say."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
import warnings
from pathlib import Path
from textwrap import dedent
from typing import Any

from catalogue import group
from mutations import damage, files_below, mutated
from planted import planted
from scene import Scene, Stage, expect
from test_installer_wheels import LIES

from plugin_world import RAIN, World
from said import Said

a_lie = group("plugins", 72)

ALWAYS = (
    ["--help"],
    ["plugin", "list"],
    ["plugin", "list", "--json"],
    ["components"],
    ["--no-plugins", "components"],
)
"""What works whatever is installed."""

BEFORE = {
    "ends the process": "import os\nos._exit(0)\n",
    "exits": "raise SystemExit(0)\n",
    "aborts": "import os\nos.abort()\n",
    "hangs": "import time\ntime.sleep(1000)\n",
    "is interrupted": "raise KeyboardInterrupt\n",
    "recurses": "def f():\n    f()\nf()\n",
    "prints much": "import sys\nfor _ in range(3000):\n    print('x' * 1000)\n",
    "closes streams": "import os\nfor n in (0, 1, 2):\n    os.close(n)\n",
    "patches json": "import json\njson.dumps = lambda *a, **k: '{\"components\": [1]}'\n",
    "patches json's loader": "import json\njson.loads = lambda *a, **k: 1 / 0\n",
    "leaves the folder": "import os\nos.chdir('/')\n",
    "forks": "import os\nif os.fork() == 0:\n    import time\n    time.sleep(1000)\n",
    "detaches": "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
    "        import time\n        time.sleep(1000)\n",
    "starts threads": "import threading, time\nfor _ in range(20):\n"
    "    threading.Thread(target=time.sleep, args=(1000,)).start()\n",
    "raises strangely": "class Odd(BaseException):\n    def __str__(self):\n        1 / 0\n"
    "raise Odd\n",
    "says what controls": "raise ValueError('\\x1b[2J\\u202e' * 50)\n",
    "needs what is not there": "import nothing_of_that_name\n",
    "is not Python": "def (\n",
}
INSTEAD = {
    "a long docstring": ("Whether the digit is a zero.", "x" * 3_000_000),
    "a docstring that controls": ("Whether the digit is a zero.", "\\x1b[2J\\x9b1m"),
    "a number for a name": ('= "rain"', "= 7"),
    "a path for a name": ('= "rain"', '= "../rain"'),
    "a long name": ('= "rain"', "= 'r' * 100_000"),
    "a name of others": ('= "rain"', '= "parity"'),
    "a fact that is no JSON": ('metric: ClassVar[str] = "accuracy"', "metric: ClassVar[str] = {1}"),
    "a fact that is no number": (
        'metric: ClassVar[str] = "accuracy"',
        "metric: ClassVar[str] = float('nan')",
    ),
    "no list": ("return [Rain]", "return Rain"),
    "an endless list": ("return [Rain]", "import itertools; return itertools.repeat(Rain)"),
    "many classes": ("return [Rain]", "return [Rain] * 5000"),
    "no class": ("return [Rain]", "return [None]"),
    "a schema that is none": (
        "    def head",
        "    @classmethod\n    def model_json_schema(cls, **k):\n        return True\n\n"
        "    def head",
    ),
    "a schema in a ring": (
        "    def head",
        "    @classmethod\n    def model_json_schema(cls, **k):\n"
        "        return {'properties': {'a': {'$ref': '#/properties/a'}}}\n\n    def head",
    ),
    "a deep schema": (
        "    def head",
        "    @classmethod\n    def model_json_schema(cls, **k):\n        s = {}\n"
        "        for _ in range(900):\n            s = {'properties': {'a': s}}\n"
        "        return s\n\n    def head",
    ),
    "a slow pattern": (
        "    def head",
        "    from pydantic import Field as _F\n    word: str = _F('a', pattern='^(a+)+$')\n\n"
        "    def head",
    ),
}


def a_world(stage: Stage, *, added: bool = False) -> World:
    """Return the stage's one small environment, fresh or with the plugin `weather` added."""
    root = stage.root / "world"
    for state in ("fresh", "added"):
        copy = stage.root / f"world-{state}"
        if not copy.exists():
            shutil.rmtree(root, ignore_errors=True)
            world = World(root)
            if state == "added":
                world.plugin()
                world.done("plugin", "add", "./weather")
            shutil.copytree(root, copy, symlinks=True)
    shutil.rmtree(root)
    shutil.copytree(stage.root / f"world-{'added' if added else 'fresh'}", root, symlinks=True)
    world = object.__new__(World)
    world.root, world.environment = root, {}
    return world


def each(world: World, *commands: list[str]) -> list[Said]:
    """Run commands; every one must end as commands do, without a traceback or a control character.

    Raises:
        Fault: if one does not.
    """
    said = world.each(*commands)
    for one, command in zip(said, commands, strict=True):
        expect(one.status in {0, 1, 2, 130}, f"{command}: status {one.status}: {one.err[-300:]}")
        both = one.out + one.err
        expect(not set(both) & {"\x1b", "\x9b", "\u202e"}, f"{command}: control characters")
        expect(len(both) < 1_000_000, f"{command}: {len(both)} characters")
    return said


def expect_all_work(world: World, what: str) -> None:
    """Raise Fault unless the commands that always work do."""
    for command, said in zip(ALWAYS, each(world, *map(list, ALWAYS)), strict=True):
        expect(said.status == 0, f"beside {what}, {command} ended with {said.status}: {said.err}")
    each(world, ["plugin", "doctor"])


def added_and_removed(world: World, source: Path, what: str) -> None:
    """Add a plugin and, where that succeeds, remove it: all is as before.

    Raises:
        Fault: if something is not.
    """
    before = world.footprint()
    (said,) = each(world, ["plugin", "add", str(source)])
    if said.status == 0:
        expect_all_work(world, what)
        names = [entry["distribution"] for entry in _listed(world) if entry["trust"] != "builtin"]
        (gone,) = each(world, ["plugin", "remove", names[0]])
        expect(gone.status == 0, f"{what} cannot be removed: {gone.err}")
    else:
        expect(said.status == 2, f"{what}: `add` ended with {said.status}: {said.err}")
        expect("Error: " in said.err, f"{what}: refused without a word")
    expect(same(before, world.footprint()), f"{what} left {difference(before, world.footprint())}")
    expect_all_work(world, what)


def _listed(world: World) -> list[dict[str, Any]]:
    (said,) = each(world, ["plugin", "list", "--json"])
    plugins: list[dict[str, Any]] = said.json["plugins"]
    return plugins


def same(before: dict[str, str], after: dict[str, str]) -> bool:
    """Return whether nothing was added, changed or removed."""
    return before == after


def difference(before: dict[str, str], after: dict[str, str]) -> str:
    """Return the first files that differ."""
    names = [n for n in sorted(before | after) if before.get(n) != after.get(n)]
    return ", ".join(names[:5])


@a_lie(share=5)
def a_wheel_with_lies(scene: Scene) -> None:
    """One or two of the lies that are known."""
    world = a_world(scene.stage)
    names = scene.chance.sample(sorted(LIES), scene.chance.randint(1, 2))
    how: dict[str, Any] = {}
    for name in names:
        for key, value in LIES[name][0].items():
            how[key] = {**how.get(key, {}), **value} if isinstance(value, dict) else value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile's, of entries that are there twice
        wheel = planted(world.wheels, **how)
    added_and_removed(world, wheel, f"a wheel with {' and '.join(names)}")


@a_lie(share=4)
def a_wheel_with_damage(scene: Scene) -> None:
    """A sound wheel of which some bytes are others."""
    world = a_world(scene.stage)
    wheel = planted(world.wheels)
    content = wheel.read_bytes()
    for _ in range(scene.chance.randint(1, 3)):
        content = mutated(scene.chance, content)
    wheel.write_bytes(content)
    added_and_removed(world, wheel, "a damaged wheel")


@a_lie(share=6)
def a_module_that_misbehaves(scene: Scene) -> None:
    """A plugin whose module does, or says of itself, what no plugin should."""
    world = a_world(scene.stage)
    world.environment["TASKS_DESCRIBE_SECONDS"] = "8"
    module = dedent(RAIN)
    names = []
    if scene.chance.random() < 0.6:
        names.append(scene.chance.choice(sorted(BEFORE)))
        module = _started(scene.chance, names[0]) + module
    if not names or scene.chance.random() < 0.3:
        names.append(scene.chance.choice(sorted(INSTEAD)))
        module = module.replace(*INSTEAD[names[-1]])
    running = set(_processes())
    wheel = planted(world.wheels, {"taskspace_weather/plugin.py": module})
    added_and_removed(world, wheel, f"a module that {' and '.join(names)}")
    left = [p for p in set(_processes()) - running if _is_of(p, world)]
    expect(not left, f"a module that {' and '.join(names)} left processes: {left}")


def _started(chance: random.Random, name: str) -> str:
    """Return a statement that misbehaves at once, or only where nobody describes."""
    text = BEFORE[name]
    if chance.random() < 0.7 or name == "is not Python":
        return text
    condition = "import sys\nif not any('registry' in a for a in sys.argv):\n"
    return condition + "".join(f"    {line}\n" for line in text.splitlines())


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _is_of(process: int, world: World) -> bool:
    try:
        environment = Path(f"/proc/{process}/environ").read_bytes()
    except OSError:
        return False
    return str(world.root).encode() in environment


@a_lie(share=3)
def a_tree_with_links(scene: Scene) -> None:
    """A source tree with links to anywhere, rings among them, and things that are no files."""
    world = a_world(scene.stage)
    tree = world.plugin()
    folders = [tree, *(p for p in tree.rglob("*") if p.is_dir())]
    places = [tree, tree.parent, Path("/"), world.home, world.prefix, Path("/dev/zero"), Path()]
    for number in range(scene.chance.randint(1, 3)):
        place = scene.chance.choice(folders) / scene.chance.choice(
            [f"x{number}", f"x{number}.py", f"data{number}"]
        )
        if scene.chance.random() < 0.2:
            os.mkfifo(place)
        else:
            place.symlink_to(scene.chance.choice([*places, place, Path("x0")]))
    options = scene.chance.choice([[], ["--editable"]])
    before = world.footprint()
    (said,) = each(world, ["plugin", "add", *options, str(tree)])
    if said.status == 0:
        expect_all_work(world, "a tree with links")
        (gone,) = each(world, ["plugin", "remove", "weather"])
        expect(gone.status == 0, f"it cannot be removed: {gone.err}")
    expect(same(before, world.footprint()), f"it left {difference(before, world.footprint())}")


@a_lie(share=3)
def what_is_installed_is_damaged(scene: Scene) -> None:
    """A file of an added plugin, of its metadata or of our notes is damaged, and nothing else."""
    world = a_world(scene.stage, added=True)
    (world.home / "notes.txt").write_text("mine")
    files = [
        file
        for file in [*files_below(world.site), *files_below(world.prefix / "share")]
        if file.name != "parent.pth" and file.suffix != ".pyc"
    ]
    file = scene.chance.choice(files)
    what = damage(scene.chance, file)
    others = _others(world, file)
    title = f"{what} in place of {file.name}"
    expect_all_work(world, title)
    each(world, ["plugin", "remove", "weather"], ["plugin", "add", "./weather"])
    expect_all_work(world, title)
    now = _others(world, file)
    expect(now == others, f"{title}: others' files changed: {difference(others, now)}")


def _others(world: World, file: Path) -> dict[str, str]:
    """Return the files that are neither the plugin's nor our notes."""
    return {
        name: content
        for name, content in world.footprint().items()
        if "taskspace" not in name and "registry.toml" not in name and not name.endswith("share")
    }


@a_lie(share=4)
def adding_is_killed(scene: Scene) -> None:
    """`add` or `remove`, killed at any moment: the next command mends what was left."""
    removes = scene.chance.random() < 0.4
    world = a_world(scene.stage, added=removes)
    if not removes:
        world.plugin()
    before = world.snapshot()
    command = ["plugin", "remove", "weather"] if removes else ["plugin", "add", "./weather"]
    process = world.start(*command)
    time.sleep(scene.chance.uniform(0.2, 5.0))
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    for name in ("list", "doctor"):
        each(world, ["plugin", name])
    (said,) = each(world, ["plugin", "enable", "nothing"])
    expect(said.status == 2, f"after a killed {command}: {said.status}: {said.err}")
    state = "weather" in json.dumps(_listed(world))
    expect(
        world.snapshot() == before or state != removes,
        f"a killed {command} left {difference(before, world.snapshot())}",
    )
    expect_all_work(world, f"a killed {command}")
