"""The report of a run: from its folder alone, so that it can be drawn again at any time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from taskspace.components import ComponentSpec, Finding, Study, StudyResult
from taskspace.components.page import Page
from taskspace.engine.folders.run_files import MANIFEST, REPORT, RESULT
from taskspace.engine.folders.rundir import RunFolder
from taskspace.errors import DataError
from taskspace.registry import Registry
from taskspace.report.render import render


def run_page(folder: RunFolder, registry: Registry) -> Page:
    """Return the page of a run.

    Raises:
        NotFound: if the run has not ended, or if its files are damaged.
        DataError: if its result is not one of this version.
    """
    result = folder.read_json(RESULT)
    study = registry.component(ComponentSpec("study", result["study"]))
    if not isinstance(study, Study):
        raise TypeError(f"{result['study']!r} is not a study.")
    typed = typed_result(study, result, folder.path / RESULT)
    findings = [Finding.from_json(found) for found in result.get("findings", ())]
    page = study.page(typed, folder.read_arrays())
    return replace(page, data=page.data and result, findings=findings)


def typed_result(
    study: Study, result: Mapping[str, Any], file: Path
) -> StudyResult | Mapping[str, Any]:
    """Return a stored result as the model that its study declares; as it is where it has none.

    Raises:
        DataError: with the first part that the model does not take.
    """
    if study.result_model is None:
        return result
    try:
        # What another version adds is no reason to show nothing; the file itself stays whole.
        return study.result_model.model_validate(result, extra="ignore")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        part = ".".join(map(str, first["loc"]))
        raise DataError(
            f"The result is not one that this version of the study {study.name!r} has: "
            f"`{part}`: {first['msg']}.",
            where=str(file),
            advice="`tasks show RUN --json` prints it as it is; `tasks rerun RUN` computes it "
            "again.",
        ) from error


def write_run_report(folder: RunFolder, registry: Registry) -> Path:
    """Write the run's report and return its path."""
    folder.write_text(REPORT, render(run_page(folder, registry), folder.read_json(MANIFEST)))
    return folder.path / REPORT
