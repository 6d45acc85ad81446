"""The labels of all tasks of a run as one table."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from taskspace.errors import NotFound
from taskspace.studies.discovery.written.finished import FinishedDiscovery
from taskspace.whole_file import write_whole


def write_labels(run: FinishedDiscovery, out: Path) -> tuple[int, int]:
    """Write a CSV file: a sample a row, a task a column; return how many of both.

    A column is called search.repetition.number; an empty cell is an image without a label.

    Raises:
        NotFound: if the run has found no task.
        OSError: if it cannot be written.
    """
    _ = run.result
    if not run.places():
        raise NotFound(
            f"The run {run.folder.name} has found no task.",
            advice="`tasks show` says why; `tasks rerun` goes on.",
        )
    names, columns = [], []
    for place in run.places():
        labels = run.labels(place)
        for number in range(labels.shape[1]):
            names.append(f"{place.search}.{place.repetition}.{number + 1}")
            columns.append(labels[:, number].tolist())
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["sample", *names])
    rows = zip(*columns, strict=True)
    count = 0
    for sample, row in enumerate(rows):
        table.writerow([sample, *("" if label < 0 else label for label in row)])
        count += 1
    write_whole(out, text.getvalue().encode())
    return count, len(names)
