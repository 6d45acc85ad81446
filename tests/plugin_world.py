"""A fresh environment, a project and plugins to add to it; nothing here needs a network."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import venv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import taskspace
import taskspace_cli
import taskspace_plugins
from cli_process import Fork, Forks
from said import Said

RAIN = """
    from typing import ClassVar

    from taskspace.components import Task, VectorHead, hookimpl

    taskspace_api = ">=1,<2"


    class Rain(Task):
        '''Whether the digit is a zero.'''

        name: ClassVar[str] = "rain"
        requires: ClassVar[frozenset[str]] = frozenset({"image", "digit"})
        metric: ClassVar[str] = "accuracy"

        def head(self, fields):
            return VectorHead(2)

        def target(self, sample):
            return (sample["digit"] == 0).long()

        def loss(self, prediction, target):
            from taskspace.components.losses import cross_entropy  # describing needs no torch

            return cross_entropy(prediction, target)

        def measure(self, prediction, target):
            from taskspace.components.losses import accuracy

            return accuracy(prediction, target)


    @hookimpl
    def taskspace_tasks():
        return [Rain]
"""

# A builder in the tree itself: pip then needs to fetch none.
BACKEND = """
import base64, hashlib, tomllib, zipfile
from pathlib import Path

def _hash(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")

def build_wheel(folder, config_settings=None, metadata_directory=None):
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    name, version = project["name"].replace("-", "_"), project["version"]
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {need}\\n" for need in project.get("dependencies", ()))
    groups = project.get("entry-points", {})
    points = "".join(
        f"[{group}]\\n" + "".join(f"{k} = {v}\\n" for k, v in entries.items())
        for group, entries in groups.items()
    )
    files = {p.relative_to("src").as_posix(): p.read_bytes()
             for p in sorted(Path("src").rglob("*")) if p.is_file() and p.suffix != ".pyc"}
    files[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\\nName: {project['name']}\\nVersion: {version}\\n{needs}".encode())
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    if points:
        files[f"{info}/entry_points.txt"] = points.encode()
    record = "".join(f"{path},{_hash(data)},{len(data)}\\n" for path, data in files.items())
    record += f"{info}/RECORD,,\\n"
    wheel = f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(Path(folder) / wheel, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
        archive.writestr(f"{info}/RECORD", record)
    return wheel

def get_requires_for_build_wheel(config_settings=None):
    return []

def get_requires_for_build_editable(config_settings=None):
    return []

def build_editable(folder, config_settings=None, metadata_directory=None):
    wheel = build_wheel(folder)
    name = wheel.split("-")[0]
    info = "-".join(wheel.split("-")[:2]) + ".dist-info"
    old = Path(folder) / wheel
    with zipfile.ZipFile(old) as archive:
        files = {n: archive.read(n) for n in archive.namelist() if n.startswith(info)}
    files[f"__editable__.{name}.pth"] = str(Path("src").resolve()).encode()
    files[f"{info}/RECORD"] = "".join(f"{path},,\\n" for path in files).encode()
    with zipfile.ZipFile(old, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return wheel
"""

EACH = """
import gc, json, os, sys
from taskspace_cli.main import main
import taskspace.installer, taskspace_cli.plugin, typer._adapters
gc.freeze()

folder, orders = sys.argv[1:]
statuses = []
for number, arguments in enumerate(json.loads(orders)):
    child = os.fork()
    if not child:
        for end, stream in (("out", 1), ("err", 2)):
            os.dup2(os.open(f"{folder}/{number}.{end}", os.O_WRONLY | os.O_CREAT), stream)
        sys.argv = ["tasks", *arguments]
        main()
        os._exit(0)
    statuses.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(json.dumps(statuses))
"""

JOB = """\
study: taxonomy
name: rainy
dataset: digits
tasks: [rain, edges_2d]
encoder: {use: small_conv, width: 4}
train: {epochs: 1}
transfer: {max_order: 1, images: 60, epochs: 1}
solve: {budgets: [1], random_policies: 0}
"""


@dataclass
class World:
    """An environment that sees the packages of this one, as fresh as a new one, and a project.

    Attributes:
        root: the folder of all of it.
        environment: further variables of its commands.
        forks: of a Python at the same root, so that commands, and pip, need not start anew.
    """

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    forks: Forks | None = None

    def __post_init__(self) -> None:
        self.project.mkdir(parents=True)
        self.wheels.mkdir()
        self.home.mkdir()
        venv.create(self.prefix, with_pip=False, symlinks=True)
        own = {Path(p.__path__[0]).parent for p in (taskspace, taskspace_plugins, taskspace_cli)}
        parents = [p for p in sys.path if p.endswith("site-packages")]
        # The code under test comes first, wherever the parent's own taskspace is.
        lines = [str(folder) for folder in sorted(own) if str(folder) not in parents]
        lines += [f"import site; site.addsitedir({parent!r})" for parent in parents]
        (self.site / "parent.pth").write_text("\n".join(lines) + "\n")

    @property
    def prefix(self) -> Path:
        return self.root / "environment"

    @property
    def project(self) -> Path:
        return self.root / "project"

    @property
    def wheels(self) -> Path:
        """Return the folder that stands for the package index."""
        return self.root / "wheels"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def site(self) -> Path:
        return next(self.prefix.glob("lib/python3*/site-packages"))

    @property
    def registry(self) -> Path:
        return self.project / "registry.toml"

    @property
    def python(self) -> Path:
        return self.prefix / "bin" / "python"

    def variables(self, **more: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TASKS_", "PIP_", "VIRTUAL_ENV", "CI", "GIT_", "PYTHONPATH"))
        }
        offline = {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": os.devnull,
            "TASKS_CACHE": str(self.root / "cache"),
            "OMP_NUM_THREADS": "1",
            "COLUMNS": "200",
            "HOME": str(self.home),
        }
        return kept | offline | self.environment | more

    def start(self, *arguments: str, folder: Path | None = None, **more: str):
        """Start `tasks ...`, or with a first argument `-c` Python, without waiting for it."""
        words = arguments if arguments[0] == "-c" else ("-m", "taskspace_cli", *arguments)
        return subprocess.Popen(
            [str(self.python), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder or self.project,
            env=self.variables(**more),
        )

    def tasks(self, *arguments: str, folder: Path | None = None, **more: str) -> Said:
        """Run `tasks ...` in the project and return what it said."""
        return self.after("", *arguments, folder=folder, **more)

    def after(
        self, statements: str, *arguments: str, folder: Path | None = None, **more: str
    ) -> Said:
        """Run statements and `tasks ...` in one process, and return what it said."""
        if self.forks is not None:
            done = self.fork(statements, *arguments, folder=folder, **more).wait()
            said = Said(done.returncode, done.stdout, done.stderr)
        else:
            code = (
                f"import sys\n{statements}\nsys.argv = ['tasks', *{arguments!r}]\n"
                "from taskspace_cli.main import main\nmain()\n"
            )
            words = ("-c", code) if statements else arguments
            process = self.start(*words, folder=folder, **more)
            out, err = process.communicate(timeout=600)
            said = Said(process.returncode, out, err)
        assert "Traceback" not in said.out + said.err, said.err
        return said

    def fork(
        self, statements: str, *arguments: str, folder: Path | None = None, **more: str
    ) -> Fork:
        """Start statements and `tasks ...` as a fork, in which pip is one too."""
        assert self.forks is not None
        return self.forks.start(
            arguments,
            self.variables(**more),
            directory=folder or self.project,
            site=self.site,
            before=f"import warm_pip\nwarm_pip.use()\n{statements}",
        )

    def each(self, *commands: Sequence[str]) -> list[Said]:
        """Run several `tasks ...`, each a fork of one process, and return what each said."""
        if self.forks is not None:
            return [self.tasks(*map(str, command)) for command in commands]
        folder = self.root / "said"
        folder.mkdir()
        orders = json.dumps([list(map(str, command)) for command in commands])
        process = self.start("-c", EACH, str(folder), orders)
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0, out + err
        statuses = json.loads(out)
        said = [
            Said(status, *((folder / f"{n}.{end}").read_text() for end in ("out", "err")))
            for n, status in enumerate(statuses)
        ]
        shutil.rmtree(folder)
        assert not [one.err for one in said if "Traceback" in one.out + one.err]
        return said

    def done(self, *arguments: str, **more: str) -> Said:
        """Run `tasks ...`, which must succeed."""
        said = self.tasks(*arguments, **more)
        assert said.status == 0, said.out + said.err
        return said

    def killed(self, point: str, *arguments: str) -> None:
        """Run `tasks ...` and have it kill itself where `point`, a statement, says `die()`."""
        die = "import os, signal\ndef die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)\n"
        said = self.after(f"{die}{textwrap.dedent(point)}\n", *arguments)
        assert said.status == -signal.SIGKILL, said.out + said.err

    def plugin(
        self,
        name: str = "taskspace-weather",
        module: str = RAIN,
        *,
        version: str = "1.0",
        needs: tuple[str, ...] = (),
        more: Mapping[str, str] | None = None,
        entry_points: bool = True,
        folder: Path | None = None,
    ) -> Path:
        """Write the source tree of a plugin into the project and return it."""
        tree = folder or self.project / name.removeprefix("taskspace-")
        package = name.replace("-", "_")
        group = f'[project.entry-points.taskspace]\nplugin = "{package}.plugin"\n'
        files = {
            "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\n'
            'backend-path = ["."]\n'
            f'[project]\nname = "{name}"\nversion = "{version}"\n'
            f"dependencies = {json.dumps(list(needs))}\n" + (group if entry_points else ""),
            "backend.py": BACKEND,
            f"src/{package}/__init__.py": "",
            f"src/{package}/plugin.py": textwrap.dedent(module),
            **(more or {}),
        }
        for path, text in files.items():
            file = tree / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return tree

    def wheel(self, name: str, version: str = "1.0", **options: Any) -> Path:
        """Put a wheel of a plugin, or of a plain package, among those of the index."""
        tree = self.plugin(name, version=version, folder=self.root / "trees" / name, **options)
        namespace: dict[str, Any] = {}
        exec(BACKEND, namespace)
        here = Path.cwd()
        os.chdir(tree)
        try:
            return self.wheels / namespace["build_wheel"](str(self.wheels))
        finally:
            os.chdir(here)

    def index_setuptools(self) -> None:
        """Put a wheel of the installed setuptools among those of the index."""
        own = distribution("setuptools")
        with zipfile.ZipFile(
            self.wheels / f"setuptools-{own.version}-py3-none-any.whl", "w"
        ) as archive:
            for file in own.files or ():
                if not file.name.endswith(".pyc") and ".." not in file.parts:
                    archive.write(str(file.locate()), str(file))

    def snapshot(self) -> dict[str, str]:
        """Return every file of the environment, byte code apart, and registry.toml, hashed."""
        files = [p for p in self.prefix.rglob("*") if p.is_file() and p.suffix != ".pyc"]
        found = {str(p.relative_to(self.root)): _hash(p) for p in files}
        folders = {
            str(p.relative_to(self.root)): "folder"
            for p in self.prefix.rglob("*")
            if p.is_dir() and p.name != "__pycache__"
        }
        if self.registry.exists():
            found["registry.toml"] = _hash(self.registry)
        return found | folders

    def footprint(self) -> dict[str, str]:
        """Return the snapshot, and everything else that a command might touch: what is outside.

        These are the project, the home folder and what a test has put beside the environment.
        """
        outside: dict[str, str] = {}
        left_out = {self.root / name for name in ("environment", "cache", "wheels", "trees")}
        # Programs that pip asks for their versions keep notes of their own there.
        left_out |= set(self.home.glob(".*"))
        for path in [p for p in self.root.rglob("*") if not left_out & {p, *p.parents}]:
            name = str(path.relative_to(self.root))
            if path.is_symlink():
                outside[name] = f"link to {path.readlink()}"
            else:
                outside[name] = _hash(path) if path.is_file() else "no file"
        return self.snapshot() | outside

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Fail if what is done within leaves anything else than it found."""
        before = self.footprint()
        yield
        after = self.footprint()
        assert {k: v for k, v in after.items() if before.get(k) != v} == {}
        assert sorted(before.keys() - after.keys()) == []


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
