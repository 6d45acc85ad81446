"""The parts of the life cycle, each by itself."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskspace.errors import RegistryError
from taskspace.installer import environment as environments
from taskspace.installer import installed
from taskspace.installer.environment import Environment
from taskspace.installer.installed import Files
from taskspace.installer.ledger import Ledger, read_ledger, write_ledger
from taskspace.installer.registry_file import FRESH, RegistryFile
from taskspace.installer.requested import parse_source
from taskspace.registry.intent import PluginEntry

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def entry(name: str, sha256: str | None = "a" * 64, version: str = "1.0") -> PluginEntry:
    return PluginEntry(name, "path:../x", version, sha256, ">=1,<2", "pinned", True, ("task:rain",))


LINES = st.sampled_from(
    ["", "# a comment", "   ", "# [plugins.commented]", "#", "\t# tab [x]", "# ü"]
)
TABLES = st.sampled_from(
    [
        '[plugins.first]\nsource = "pypi:first==1"  # why\nprovides = [\n  "task:a", # one\n]',
        "[plugins]",
        '[plugins."dotted.name"]\nversion = "2"',
        "",
    ]
)


@st.composite
def registries(draw) -> bytes:
    """Any text of a registry.toml, with its own line ends and comments in odd places."""
    parts = [*draw(st.lists(LINES, max_size=3)), "schema = 1  # one"]
    parts += [*draw(st.lists(LINES, max_size=3)), draw(TABLES), *draw(st.lists(LINES, max_size=3))]
    end = draw(st.sampled_from(["", "\n", "\n\n"]))
    return ("\n".join(parts) + end).replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()


@settings(max_examples=150)
@given(registries(), st.permutations(["taskspace-weather", "b.c", "taskspace-x"]))
def test_entries_come_and_go_without_a_trace(tmp_path_factory, text, order):
    file = RegistryFile(tmp_path_factory.mktemp("registry") / "registry.toml")
    file.path.write_bytes(text)
    names = ["b.c", "taskspace-weather", "taskspace-x"]
    for name in names:
        file.write(file.with_entry(entry(name)))
    read = tomllib.loads(file.path.read_bytes().decode())
    assert set(names) <= set(read["plugins"])
    assert read["plugins"]["taskspace-weather"]["provides"] == ["task:rain"]
    for name in order:
        file.write(file.without_entry(name))
        left = tomllib.loads(file.path.read_bytes().decode())
        assert name not in left.get("plugins", {})
    assert file.path.read_bytes() == text


@pytest.mark.parametrize(
    "text",
    [
        'schema = 1\n[plugins.a]\nversion = "1"\n# about b\n[plugins.b]\nversion = "2"\n',
        'schema = 1\n[plugins.b]\nversion = "2"\n# about b\n[plugins.a]\nversion = "1"',
        'schema = 1\n[plugins]\na = {version = "1"}\nb = {version = "2"} # about b\n',
        'schema = 1\nplugins.a.version = "1"\nplugins.b.version = "2" # about b\n',
        'schema = 1\n[plugins. "a" ]\nversion = """\n[plugins.a]\n"""\n[plugins.b] # about b\n'
        'version = "2"\n',
    ],
)
def test_a_hand_written_entry_goes_and_takes_no_neighbour_with_it(tmp_path, text):
    file = RegistryFile(tmp_path / "registry.toml")
    file.path.write_text(text)
    left = file.without_entry("A")
    assert tomllib.loads(left)["plugins"] == {"b": {"version": "2"}}
    assert "# about b" in left


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_entry_is_added_to_a_file_as_any_editor_saves_it(tmp_path, encoding):
    file = RegistryFile(tmp_path / "registry.toml")
    file.path.write_bytes("schema = 1 # größer\n".encode(encoding))
    file.write(file.with_entry(entry("a")))
    assert tomllib.loads(file.path.read_bytes().decode())["plugins"]["a"]["trust"] == "pinned"
    assert file.without_entry("a") == "schema = 1 # größer\n"


def test_a_registry_made_for_a_plugin_is_fresh_again_without_it(tmp_path):
    file = RegistryFile(tmp_path / "registry.toml")
    file.write(file.with_entry(entry("a")))
    assert file.text().startswith(FRESH)
    assert file.without_entry("a") == FRESH


@pytest.mark.parametrize(
    "text",
    [
        "schema = 1\nplugins = {}\n",
        "schema = 1\nplugins.a.version = '1'\n",
        "schema = 1\nplugins = {a = {version = '1'}} # ours",
    ],
)
def test_an_entry_is_added_to_tables_of_any_form(tmp_path, text):
    file = RegistryFile(tmp_path / "registry.toml")
    file.path.write_text(text)
    file.write(file.with_entry(entry("b")))
    assert tomllib.loads(file.text())["plugins"]["b"]["trust"] == "pinned"
    assert ("version = '1'" in text) == ("version = '1'" in file.text())
    assert ("# ours" in text) == ("# ours" in file.text())
    assert "b" not in tomllib.loads(file.without_entry("b"))["plugins"]


def test_a_new_key_goes_behind_the_last_and_not_behind_a_comment(tmp_path):
    file = RegistryFile(tmp_path / "registry.toml")
    file.path.write_text('schema = 1\n[plugins.a]\nversion = "1"\n\n# keep: notes of ours')
    text = file.with_switch("a", enabled=False)
    assert text == (
        'schema = 1\n[plugins.a]\nversion = "1"\nenabled = false\n\n# keep: notes of ours'
    )
    file.path.write_text(text)
    assert file.without_entry("a") == "schema = 1\n# keep: notes of ours"


def test_a_link_stays_a_link_and_a_mode_a_mode(tmp_path):
    real = tmp_path / "elsewhere.toml"
    real.write_text("schema = 1\n")
    real.chmod(0o640)
    file = RegistryFile(tmp_path / "registry.toml")
    file.path.symlink_to(real)
    file.write(file.with_entry(entry("a")))
    assert file.path.is_symlink()
    assert "plugins.a" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_changed_entry_keeps_its_place_its_comments_and_loses_a_hash(tmp_path):
    file = RegistryFile(tmp_path / "registry.toml")
    file.path.write_text("schema = 1\n")
    for name in ("a", "b"):
        file.write(file.with_entry(entry(name)))
    file.write(file.text().replace('api = ">=1,<2"', 'api = ">=1,<2"  # checked', 1))
    changed = file.with_entry(entry("a", sha256=None, version="2.0"))
    first, second = changed.split("[plugins.b]")
    assert "# checked" in first
    assert 'version = "2.0"' in first
    assert "sha256" not in first
    assert "sha256" in second


@pytest.mark.parametrize(
    ("text", "form", "target"),
    [
        ("taskspace-weather==1.2", "pypi", "taskspace-weather==1.2"),
        ("weather==1.2", "pypi", "taskspace-weather==1.2"),
        ("pypi:rain-maker==1.2", "pypi", "rain-maker==1.2"),
        ("weather", "pypi", "taskspace-weather"),
        (f"git+https://a.org/x.git@{COMMIT}", "git", f"https://a.org/x.git@{COMMIT}"),
        (f"git+ssh://git@a.org/x@{COMMIT}", "git", f"ssh://git@a.org/x@{COMMIT}"),
        ("./tree", "path", "{here}/tree"),
        ("path:tree", "path", "{here}/tree"),
        ("tree/.", "path", "{here}/tree"),
        ("x-1-py3-none-any.whl", "wheel", "{here}/x-1-py3-none-any.whl"),
        ("wheel:./x-1-py3-none-any.whl", "wheel", "{here}/x-1-py3-none-any.whl"),
    ],
)
def test_a_source_is_read_as_it_is_written(tmp_path, text, form, target):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/pyproject.toml").touch()
    (tmp_path / "x-1-py3-none-any.whl").touch()
    found = parse_source(
        text, editable=False, frozen=False, folder=tmp_path, registry=tmp_path / "registry.toml"
    )
    assert (found.form, found.target) == (form, target.format(here=tmp_path))
    # What registry.toml records of it is a source too, and leads to the same.
    recorded = found.recorded("taskspace-weather", "1.2", tmp_path / "registry.toml")
    registry = tmp_path / "registry.toml"
    again = parse_source(recorded, editable=False, frozen=True, folder=Path("/"), registry=registry)
    assert again.form == form
    assert form == "pypi" or again.target == found.target


def test_a_git_reference_is_the_commit_that_it_names_now(tmp_path):
    def git(*words: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        done = subprocess.run(
            ["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "--quiet", "--initial-branch=main")
    git("commit", "--quiet", "--allow-empty", "--message=one")
    one = git("rev-parse", "HEAD")
    git("tag", "--annotate", "v1", "--message=first")
    git("commit", "--quiet", "--allow-empty", "--message=two")
    two = git("rev-parse", "HEAD")
    git("branch", "feature/x")
    git("branch", "both")
    git("tag", "both", one)
    url = f"file://{tmp_path}"
    for reference, commit in (("", two), ("@v1", one), ("@main", two), ("@feature/x", two)):
        found = parse_source(
            f"git+{url}{reference}",
            editable=False,
            frozen=False,
            folder=tmp_path,
            registry=tmp_path / "registry.toml",
        )
        assert found.target == f"{url}@{commit}"
    for reference, words in (("nothing", "does not exist"), ("both", "a tag and a branch")):
        with pytest.raises(RegistryError, match=words):
            parse_source(
                f"git+{url}@{reference}",
                editable=False,
                frozen=False,
                folder=tmp_path,
                registry=tmp_path / "registry.toml",
            )


def at(folder: Path) -> Environment:
    return Environment(Path(sys.executable), folder, folder / "share/taskspace")


def test_traps_of_environments_are_said(tmp_path):
    assert at(tmp_path).traps({"VIRTUAL_ENV": str(tmp_path)}) == []
    (said,) = at(tmp_path).traps({"VIRTUAL_ENV": "/other"})
    assert "/other" in said
    (tmp_path / "uv-receipt.toml").touch()
    (tmp_path / "pipx_metadata.json").touch()
    assert ["uv" in t or "pipx" in t for t in at(tmp_path).traps({})] == [True, True]
    project = tmp_path / "project/.venv"
    project.mkdir(parents=True)
    (project.parent / "uv.lock").touch()
    (said,) = at(project).traps({})
    assert "uv sync" in said


def test_pip_is_found_here_or_with_python_or_run_by_uv_or_missed(tmp_path, monkeypatch):
    here = at(tmp_path)
    monkeypatch.setattr(environments, "find_spec", lambda name: object())
    assert here.pip() == [sys.executable, "-P", "-m", "pip"]
    monkeypatch.setattr(environments, "find_spec", lambda name: None)
    monkeypatch.setattr(environments.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(environments.shutil, "which", lambda name: "/bin/uv")
    assert here.pip() == ["/bin/uv", "tool", "run", "--quiet", "pip", "--python", sys.executable]
    bundled = tmp_path / "ensurepip/_bundled/pip-24.0-py3-none-any.whl"
    bundled.parent.mkdir(parents=True)
    bundled.touch()
    assert here.pip() == [sys.executable, "-P", f"{bundled}/pip"]
    bundled.unlink()
    monkeypatch.setattr(environments.shutil, "which", lambda name: None)
    with pytest.raises(RegistryError, match="no pip here"):
        here.pip()


def test_the_systems_own_python_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(environments.sys, "prefix", sys.base_prefix)
    monkeypatch.setattr(environments.sysconfig, "get_path", lambda name: str(tmp_path))
    at(tmp_path).refuse_unless_writable()
    (tmp_path / "EXTERNALLY-MANAGED").touch()
    with pytest.raises(RegistryError, match="package manager"):
        at(tmp_path).refuse_unless_writable()


def test_the_ledger_is_written_read_and_gone_when_empty(tmp_path):
    environment, x, y = at(tmp_path), Path("/x/registry.toml"), Path("/y/registry.toml")
    assert read_ledger(environment) == Ledger()
    files = [Files("a", "1", ("a/x.py",)), Files("Needs.It", "2", ())]
    ledger = Ledger().with_plugin("a", files, x, creates=True)
    ledger = ledger.with_plugin("a", [], y, creates=False)
    write_ledger(environment, ledger)
    assert read_ledger(environment) == ledger
    assert set(ledger.brought) == {"a", "needs-it"}
    assert ledger.created == {str(x)}
    assert ledger.without_registry("a", x).registries == {"a": (str(y),)}
    write_ledger(environment, ledger.without_plugin("a", ["a", "needs-it"]))
    assert list(environment.state.iterdir()) == []
    (environment.state / "ledger.json").write_text('{"brought": 3}')
    with pytest.raises(RegistryError, match="cannot be read"):
        read_ledger(environment)


def test_what_an_extra_needs_stays_as_long_as_somebody_asks_for_the_extra(tmp_path, monkeypatch):
    def put(name: str, *needs: str) -> None:
        info = tmp_path / f"{name}-1.dist-info"
        info.mkdir()
        lines = "".join(f"Requires-Dist: {need}\n" for need in needs)
        (info / "METADATA").write_text(f"Name: {name}\nVersion: 1\n{lines}")

    put("one", "dep[fast]")
    put("two", "dep[Fast] >= 1 ; python_version > '3'")
    put("dep", 'fastlib ; extra == "fast"', "slowlib; extra == 'slow'")
    put("fastlib")
    put("slowlib")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    names = ("one", "two", "dep", "fastlib", "slowlib")
    brought = {name: Files(name, "1", ()) for name in names}
    both = Ledger(brought, {"one": ("r",), "two": ("r",)})
    assert both.no_longer_needed("one") == ("one", "slowlib")
    alone = Ledger(brought, {"one": ("r",)})
    assert alone.no_longer_needed("one") == ("one", "dep", "fastlib", "slowlib", "two")


def test_a_name_that_begins_another_one_deletes_nothing_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr(installed, "site_packages", lambda: tmp_path)
    kept = ["__editable__.taskspace_rainbow-1.0.pth", "taskspace_rainbow-1.0.dist-info"]
    gone = ["__editable__.taskspace_rain-1.0.pth", "taskspace_rain-1.0.dist-info"]
    for name in kept + gone:
        (tmp_path / name).mkdir() if name.endswith("info") else (tmp_path / name).touch()
    installed.delete(Files("taskspace-rain", "1.0", ("taskspace_rain/gone.py",)))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)
