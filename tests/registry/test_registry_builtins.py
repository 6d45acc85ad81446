"""The built-ins: described in the package, found without a list, light to list."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from taskspace.components import API_VERSION, KINDS, ComponentSpec, hook_name
from taskspace.errors import RegistryError
from taskspace.registry import BUILT_IN, Registry
from taskspace.registry.builtins import FILE, read_builtins
from taskspace.registry.descriptions import describe
from taskspace.registry.descriptions.describing import hook_specifications
from taskspace.registry.intent import read_intent

HEAVY = [
    "torch",
    "scipy",
    "pyomo",
    "sklearn",
    "numpy",
    "pydantic",
    "pluggy",
    "taskspace.components",
]


def test_the_generated_descriptions_are_current():
    assert FILE.read_text(encoding="utf-8") == describe.fresh_builtins(), (
        "run python -m taskspace.registry.descriptions.describe --write"
    )


def test_describing_writes_and_says_what_is_current(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(describe, "fresh_builtins", lambda: "new\n")
    file = tmp_path / "builtins.json"
    assert describe.main([], file) == 1
    assert describe.main(["--write"], file) == 0
    assert describe.main([], file) == 0
    assert describe.main(["--wirte"], file) == 2
    assert capsys.readouterr().out.split("\n")[0].startswith("not current")


def test_every_kind_has_its_hook():
    hooks = {name for name in vars(hook_specifications()) if name.startswith("taskspace_")}
    assert hooks == {hook_name(kind) for kind in KINDS}


def test_listing_imports_nothing_heavy():
    code = (
        "import sys\nfrom taskspace.registry import Registry\n"
        "r = Registry.load(plugins=True)\nr.plugins(), r.descriptions()\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_numbers_that_listing_uses_are_those_of_the_components(site):
    builtins = read_builtins()
    assert builtins.api == API_VERSION
    assert builtins.kinds == tuple(KINDS) == site.load().kinds


def test_every_module_in_the_folder_of_a_kind_provides_a_component(site):
    import taskspace_plugins

    root = Path(taskspace_plugins.__file__).parent
    targets = {d.target.partition(":")[0] for d in site.load().descriptions()}
    modules = {
        ".".join(["taskspace_plugins", *file.relative_to(root).with_suffix("").parts])
        for kind in KINDS
        for folder in (kind, f"{kind}s")
        for file in (root / folder).rglob("[!_]*.py")
    }
    assert modules - targets == set()


@pytest.mark.parametrize(
    "description", read_builtins().components, ids=lambda d: f"{d.kind}-{d.name}"
)
def test_every_built_in_has_a_source_digest(site, description):
    digest = site.load().source_digest(description.kind, description.name)
    assert len(bytes.fromhex(digest)) == 32


def test_a_built_in_is_activated_by_name(site):
    registry = site.load()
    digits = registry.component(ComponentSpec("dataset", "digits"))
    assert type(digits) is registry.activate("dataset", "digits")
    assert registry.plugins()[0].distribution == BUILT_IN
    assert registry.plugins()[0].stage == "activated"
    assert registry.plugins()[0].trust == "builtin"


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"api": 1, "kinds": [], "components": [1]}'])
def test_damaged_descriptions_say_what_to_do(tmp_path, damage):
    file = tmp_path / "builtins.json"
    with pytest.raises(RegistryError, match="Install taskspace again"):
        read_builtins(file)
    file.write_text(damage)
    with pytest.raises(RegistryError, match="Install taskspace again"):
        read_builtins(file)


def test_the_registry_of_this_repository_trusts_nobody():
    root = Path(__file__).resolve().parents[2]
    assert read_intent(root / "registry.toml", KINDS).entries == ()


def test_schemas_are_plain_json(site):
    for description in site.load().descriptions():
        assert json.loads(json.dumps(description.as_json())) == description.as_json()


def test_the_real_environment_is_read(monkeypatch):
    monkeypatch.undo()
    assert Registry.load(Path(__file__).parent).plugins()[0].distribution == BUILT_IN
