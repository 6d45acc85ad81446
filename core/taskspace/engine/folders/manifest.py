"""The manifest: what is needed to understand a run, and to do it again."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from taskspace.components import ComponentSpec
from taskspace.jobs import LoadedJob
from taskspace.registry import Registry

PACKAGES = ("torch", "numpy", "scipy", "scikit-image", "pyomo", "highspy", "swiglpk")
"""Whose versions can decide numbers."""


def manifest_of(
    loaded: LoadedJob,
    registry: Registry,
    executor: ComponentSpec,
    workers: int | None,
    device: str,
) -> dict[str, Any]:
    """Return the resolved job, plugins with hashes, place, platform and packages, as JSON."""
    return {
        "job": dict(loaded.document),
        "seed": loaded.job.seed,
        "plugins": [
            {
                "distribution": plugin.distribution,
                "version": plugin.version,
                "trust": plugin.trust,
                "sha256": plugin.sha256,
            }
            for plugin in registry.plugins()
            if plugin.status == "ready"
        ],
        "registry": registry.digest,
        "place": {"executor": executor.as_json(), "workers": workers, "device": device},
        "platform": {
            "python": sys.version.split()[0],
            "system": platform.platform(),
            "processor": platform.processor() or platform.machine(),
            "cpus": os.cpu_count(),
        },
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
