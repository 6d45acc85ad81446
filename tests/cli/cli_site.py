"""A folder of made-up installed plugins, for commands in processes of their own."""

from __future__ import annotations

import base64
import hashlib
import os
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from taskspace.registry.distributions.digest import files_digest
from taskspace.registry.distributions.discovery import discover

RAIN = '''\
from typing import ClassVar

from pydantic import Field
from taskspace.components import Task, VectorHead, hookimpl


class Rain(Task):
    """Whether it rains."""

    name: ClassVar[str] = "rain"
    sharpness: float = Field(1.0, gt=0, description="How sure it is.")

    def head(self, fields):
        return VectorHead(2)

    def target(self, sample):
        return sample["image"].mean(dim=(2, 3)).repeat(1, 2)[:, :2]

    def loss(self, prediction, target):
        from taskspace.components import Loss

        error = ((prediction - target) ** 2).mean(dim=1)
        return Loss(error, error == error)


@hookimpl
def taskspace_tasks():
    return [Rain]
'''


@dataclass(frozen=True)
class CliSite:
    """Where plugins are installed, and the project whose registry.toml trusts them."""

    folder: Path
    project: Path

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables under which the command finds the plugins."""
        paths = [str(self.folder), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {
            "PYTHONPATH": os.pathsep.join(paths),
            "TASKS_CACHE": str(self.project / "cache"),
            "CI": "",
        }

    def install(
        self, distribution: str, module: str = RAIN, *, more: Mapping[str, str] | None = None
    ) -> None:
        """Write a package with a `plugin` module and its .dist-info, as an installer does."""
        name = distribution.replace("-", "_")
        info = f"{name}-1.0.dist-info"
        files = {
            f"{name}/__init__.py": "",
            f"{name}/plugin.py": textwrap.dedent(module),
            f"{info}/METADATA": f"Name: {distribution}\nVersion: 1.0\n",
            f"{info}/entry_points.txt": f"[taskspace]\nplugin = {name}.plugin\n",
            **(more or {}),
        }
        rows = [f"{info}/RECORD,,"]
        for path, text in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
            rows.append(f"{path},sha256={digest.decode().rstrip('=')},{len(text)}")
        (self.folder / info / "RECORD").write_text("\n".join(rows) + "\n", encoding="utf-8")

    def digest(self, distribution: str) -> str:
        """Return the hash of an installed distribution."""
        found = {plugin.distribution: plugin for plugin in discover([str(self.folder)])}
        return files_digest(found[distribution].metadata)

    def trust(self, distribution: str, **changes: str) -> None:
        """Append an entry to registry.toml, with the installed hash if not told otherwise."""
        values = {
            "source": f'"pypi:{distribution}==1.0"',
            "version": '"1.0"',
            "api": '">=1,<2"',
            "trust": '"pinned"',
            "provides": '["task:rain"]',
            **changes,
        }
        if "sha256" not in values:
            values["sha256"] = f'"{self.digest(distribution)}"'
        file = self.project / "registry.toml"
        text = file.read_text(encoding="utf-8") if file.exists() else "schema = 1\n"
        lines = "".join(f"{key} = {value}\n" for key, value in values.items() if value)
        file.write_text(f"{text}[plugins.{distribution}]\n{lines}", encoding="utf-8")
