"""A made-up site-packages, so that no test depends on what is installed around it."""

from __future__ import annotations

import base64
import hashlib
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from taskspace.registry import PluginState, Registry
from taskspace.registry.distributions import discovery
from taskspace.registry.distributions.digest import files_digest
from taskspace.registry.distributions.discovery import InstalledPlugin, discover

RAIN = """
    from typing import ClassVar

    from pydantic import Field
    from taskspace.components import Component, Task, VectorHead, hookimpl


    class Rain(Task):
        '''Whether it rains.'''

        name: ClassVar[str] = "rain"
        requires: ClassVar[frozenset[str]] = frozenset({"image", "weather"})
        label_cost: ClassVar[float] = 2.0
        sharpness: float = Field(1.0, gt=0, description="How sure it is.")

        def head(self, fields):
            return VectorHead(2)

        def loss(self, prediction, target):
            raise NotImplementedError


    @hookimpl
    def taskspace_tasks():
        return [Rain]
"""


@dataclass
class Site:
    """A folder of installed distributions and a project whose registry.toml trusts them."""

    folder: Path
    project: Path
    rain: str = textwrap.dedent(RAIN)

    def install(
        self,
        distribution: str,
        module: str = RAIN,
        *,
        version: str = "1.0",
        package: str | None = None,
        more: Mapping[str, str] | None = None,
        entry_points: str | None = None,
        metadata: str | None = None,
    ) -> None:
        """Write a package with a `plugin` module and its .dist-info, as an installer does."""
        name = package or distribution.replace("-", "_")
        info = f"{distribution.replace('-', '_')}-{version}.dist-info"
        group = entry_points or f"[taskspace]\nplugin = {name}.plugin\n"
        files = {
            f"{name}/__init__.py": "",
            f"{name}/plugin.py": textwrap.dedent(module),
            **(more or {}),
            f"{info}/METADATA": metadata or f"Name: {distribution}\nVersion: {version}\n",
            f"{info}/entry_points.txt": group,
        }
        for path, text in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        rows = [f"{path},sha256={_record_hash(text)},{len(text)}" for path, text in files.items()]
        rows += [f"{info}/RECORD,,", f"{info}/INSTALLER,,", f"{name}/__pycache__/plugin.x.pyc,,"]
        (self.folder / info / "RECORD").write_text("\n".join(rows) + "\n", encoding="utf-8")
        (self.folder / info / "INSTALLER").write_text("pip\n", encoding="utf-8")

    def found(self, distribution: str) -> InstalledPlugin:
        """Return what discovery says of one distribution."""
        return next(p for p in discover([str(self.folder)]) if p.distribution == distribution)

    def digest(self, distribution: str) -> str:
        """Return the hash of an installed distribution."""
        return files_digest(self.found(distribution).metadata)

    def trust(self, distribution: str, **changes: str) -> None:
        """Append an entry to registry.toml; a change of '' leaves the key out."""
        values = {
            "source": f'"pypi:{distribution}==1.0"',
            "version": '"1.0"',
            "sha256": f'"{self.digest(distribution)}"' if "sha256" not in changes else "",
            "api": '">=1,<2"',
            "trust": '"pinned"',
            **changes,
        }
        file = self.project / "registry.toml"
        text = file.read_text(encoding="utf-8") if file.exists() else "schema = 1\n"
        lines = "".join(f"{key} = {value}\n" for key, value in values.items() if value)
        file.write_text(f"{text}[plugins.{distribution}]\n{lines}", encoding="utf-8")

    def load(self, **how: Any) -> Registry:
        """Return the registry of the project; `how` is as `Registry.load` takes it."""
        return Registry.load(self.project, search=[str(self.folder)], **how)

    def state(self, distribution: str, **how: Any) -> PluginState:
        """Return what the registry of the project says of one plugin."""
        states = self.load(**how).plugins()
        return next(p for p in states if p.distribution == distribution)


def _record_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.fixture(autouse=True)
def _only_made_up_plugins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = discovery.distributions

    def named_folders_only(*, path: list[str] | None = None, **more: str) -> object:
        assert path is not None, "a test looked for the plugins that are really installed"
        return real(path=path, **more)

    monkeypatch.setattr(discovery, "distributions", named_folders_only)
    monkeypatch.setenv("TASKS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    folder, project = tmp_path / "site", tmp_path / "project"
    folder.mkdir()
    project.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    yield Site(folder, project)
    for name in [
        name for name in sys.modules if name.startswith(("taskspace_bad", "taskspace_weather"))
    ]:
        del sys.modules[name]
