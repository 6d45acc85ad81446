"""The report of a run: from its folder alone, so that it can be drawn again at any time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from taskspace.components import ComponentSpec, Finding, Study
from taskspace.components.page import Page
from taskspace.engine.folders.run_files import MANIFEST, REPORT, RESULT
from taskspace.engine.folders.rundir import RunFolder
from taskspace.registry import Registry
from taskspace.report.render import render


def run_page(folder: RunFolder, registry: Registry) -> Page:
    """Return the page of a run.

    Raises:
        NotFound: if the run has not ended, or if its files are damaged.
    """
    result = folder.read_json(RESULT)
    study = registry.component(ComponentSpec("study", result["study"]))
    if not isinstance(study, Study):
        raise TypeError(f"{result['study']!r} is not a study.")
    findings = [Finding.from_json(found) for found in result.get("findings", ())]
    return replace(study.page(result, folder.read_arrays()), findings=findings)


def write_run_report(folder: RunFolder, registry: Registry) -> Path:
    """Write the run's report and return its path."""
    folder.write_text(REPORT, render(run_page(folder, registry), folder.read_json(MANIFEST)))
    return folder.path / REPORT
