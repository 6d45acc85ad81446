"""Nothing that lies in the working directory is imported, by the command or by what it starts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from cli_site import RAIN

REPOSITORY = Path(__file__).parents[2]
SCRIPT = "import sys\nfrom taskspace_cli.__main__ import main\nsys.exit(main())\n"
CUSTOMISING = ("sitecustomize", "usercustomize")
OTHERS = (
    *("jsonschema", "highspy", "numpy", "PIL", "pip", "pluggy", "pydantic", "pyomo", "ray", "rich"),
    *("safetensors", "scipy", "skimage", "sklearn", "swiglpk", "tomlkit", "torch", "typer", "yaml"),
)


def _plant(folder: Path, marker: Path, spared: set[str]) -> None:
    names = {*sys.stdlib_module_names, *OTHERS, *CUSTOMISING} - {"__main__", *spared}
    for name in names:
        text = f"open({str(marker)!r}, 'a').write('{name} ')\nraise RuntimeError('not to be run')\n"
        (folder / f"{name}.py").write_text(text, encoding="utf-8")


def _looked_for_before_any_module_runs(folder: Path) -> set[str]:
    """Return what Python itself imports, or tries to, before the module of `python -m` runs."""
    (folder / "probe_of_modules.py").write_text("import sys\nprint(*sys.modules)")
    command = [sys.executable, "-m", "probe_of_modules"]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    of_other_systems = {name for name in sys.stdlib_module_names if find_spec(name) is None}
    return {*said.split(), *of_other_systems, *CUSTOMISING}


@pytest.mark.parametrize(
    "start",
    [
        "the script",
        pytest.param("python -m, an empty entry in PYTHONPATH", marks=pytest.mark.slow),
    ],
)
def test_nothing_in_the_working_directory_is_imported(start, tmp_path, site, small_job):
    site.install("taskspace-weather", RAIN)
    site.trust("taskspace-weather")
    marker, script = tmp_path / "imported", tmp_path / "bin" / "tasks"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    by_script = start == "the script"
    early = set() if by_script else _looked_for_before_any_module_runs(tmp_path)
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "registry.toml").rename(project / "registry.toml")
    _plant(project, marker, early)
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("TASKS_")},
        **site.environment,
        "TASKS_STORE": str(tmp_path / "store"),
        "TASKS_RUNS": str(tmp_path / "runs"),
    }
    if not by_script:
        environment["PYTHONPATH"] += os.pathsep

    def tasks(*arguments: str) -> None:
        command = [str(script)] if by_script else ["-m", "taskspace_cli"]
        done = subprocess.run(
            [sys.executable, *command, *arguments],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not marker.exists(), marker.read_text()
        assert done.returncode == 0, done.stdout + done.stderr

    tasks("plugin", "list")
    if by_script:
        tasks("plugin", "check", "weather", "--only", "docstring_says_what_it_is")
        tasks("--no-plugins", "run", str(small_job), "--executor", "local", "--workers", "1")
    else:
        tasks("plugin", "doctor")
        tasks("run", str(small_job), "--executor", "inline")


def test_one_file_says_how_a_python_process_is_started():
    sources = [
        file
        for root in ("core", "plugins", "cli")
        for file in (REPOSITORY / root).rglob("*.py")
        if re.search(r"\bsys\.executable\b", file.read_text(encoding="utf-8"))
    ]
    assert [str(file.relative_to(REPOSITORY)) for file in sorted(sources)] == [
        # The interpreter of the environment that plugins go to, which `doctor` shows.
        "core/taskspace/installer/environment.py",
        "core/taskspace/python_process.py",
    ]
