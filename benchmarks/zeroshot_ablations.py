r"""What each part of the generators SS and TDS and of their loss is worth, on one zero-shot job.

The job is run as it is, then with parts changed: task and noise at the levels of the generator, the
weight lambda of the classification loss and the weight mu of the clustering loss. Every variant has
the job's seeds, so compositions and images are the same in all, and differences are paired by
repetition. SS with the task at each level is SS-MTC+. TDS without it is UDS, which has noise at the
input as well. SS has noise at one level: the same noise at each level is SS itself.

    python benchmarks/zeroshot_ablations.py JOB [--set KEY=VALUE ...] [--parts levels lambda mu]
        [--workers 1] [--store DIR]

    python benchmarks/zeroshot_ablations.py jobs/zeroshot-photos.yaml \
        --set dataset.path=cifar-10-batches-bin --set lexicon.file=glove.6B.300d.txt --store DIR

A job without SS or TDS gets them with their defaults. Controls, pictures and classifiers are left
out. A store that is kept makes the next call cheap. The exit status is 1 where a training failed.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import taskspace
from taskspace.jobs import load_job
from taskspace.learning.statistics import Interval, interval
from taskspace.registry import Registry

DESIGNS = ("ss", "tds")
LEVELS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "ss": {"task at each level": {"use": "ss_mtc_add"}},
    "tds": {"no task at each level": {"use": "uds"}, "same noise at each level": {"fresh": False}},
}
"""By design: what a variant is called, and what it changes of the generator."""

WEIGHTS = {
    "classification": ("lambda", (0.001, 0.01, 0.1, 1.0)),
    "clustering": ("mu", (0.0, 1.0, 10.0, 100.0)),
}
"""Keys of `train`: the symbol in eq. 5.6, and the values that are tried."""

PARTS = ("levels", *(symbol for symbol, _ in WEIGHTS.values()))

MEASURES = ("unseen", "auc")
Values = Mapping[int, Mapping[str, float]]
"""Of one variant: by repetition, top-1 on unseen compositions and the AUC, as fractions."""


@dataclass(frozen=True)
class Variant:
    """A change to one design; none at all is the job's own.

    Attributes:
        words: what it is called in the table.
        generator: parameters of the generator that it changes.
        train: keys of `train` that it changes.
    """

    design: str
    words: str
    generator: Mapping[str, Any] = field(default_factory=dict)
    train: Mapping[str, float] = field(default_factory=dict)


def variants(train: Mapping[str, Any], parts: Collection[str]) -> Iterator[Variant]:
    """Return the variants of each design; a weight that the job has is not tried again."""
    for design in DESIGNS:
        yield Variant(design, "as in the job")
        for words, change in LEVELS[design].items() if "levels" in parts else ():
            yield Variant(design, words, generator=change)
        for key, (symbol, values) in WEIGHTS.items():
            for value in values:
                if symbol in parts and value != train[key]:
                    yield Variant(design, f"{symbol} = {value:g}", train={key: value})


def job_of(document: Mapping[str, Any], own: Sequence[Variant]) -> dict[str, Any]:
    """Return a job that trains variants which change `train` alike, and nothing beside them."""
    return {
        **document,
        "generators": [
            {**_generator(document, v.design), **v.generator, "as": f"variant_{number}"}
            for number, v in enumerate(own)
        ],
        "classifiers": [],
        "controls": [],
        "maps": [],
        "train": {**document.get("train", {}), **own[0].train},
    }


def _generator(document: Mapping[str, Any], design: str) -> dict[str, Any]:
    """Return how the job names a design, without its name in the job."""
    named = [one if isinstance(one, dict) else {"use": one} for one in document["generators"]]
    found = next((one for one in named if one["use"] == design), {"use": design})
    return {key: value for key, value in found.items() if key != "as"}


def values_of(result: Mapping[str, Any], name: str) -> Values:
    """Return what a generator of a run is worth on its test images."""
    tested = {
        row["repetition"]: row["evaluation"]["test"]
        for row in result["trials"]
        if row["method"] == name
    }
    return {
        repetition: {
            "unseen": test["unseen"][0],
            **({"auc": test["auc"][0]} if test["auc"][0] is not None else {}),
        }
        for repetition, test in tested.items()
    }


def over(values: Values, measure: str, base: Values | None = None) -> Interval | None:
    """Return a measure over repetitions, or its paired difference from that of a base."""
    found = [
        own[measure] - (base[repetition][measure] if base is not None else 0.0)
        for repetition, own in values.items()
        if measure in own and (base is None or measure in base.get(repetition, {}))
    ]
    return interval(found) if found else None


def percent(value: Interval | None, *, signed: bool = False) -> str:
    """Return a mean in percent, with its 95 % interval where there is one."""
    if value is None:
        return "-"
    form = "+.1f" if signed else ".1f"
    if value.low is None or value.high is None:
        return f"{100 * value.mean:{form}}"
    ends = f"[{100 * value.low:{form}}, {100 * value.high:{form}}]"
    return f"{100 * value.mean:{form}} {ends}"


def main() -> int:
    """Print a table of all variants of each design."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("job", type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="what is changed")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--store", type=Path, help="a folder that is kept; else temporary")
    options = parser.parse_args()
    loaded = load_job(options.job, overrides=options.set, catalogue=Registry.load(plugins=False))
    document: Mapping[str, Any] = loaded.document
    train = loaded.job.model_dump()["train"]
    wanted = list(variants(train, options.parts))
    alike: dict[str, list[Variant]] = {}
    for variant in wanted:
        alike.setdefault(repr(variant.train), []).append(variant)
    found: dict[str, Values] = {}
    missing = []
    with tempfile.TemporaryDirectory() as temporary:
        for number, own in enumerate(alike.values()):
            print(f"run {number + 1} of {len(alike)}", file=sys.stderr, flush=True)
            result = taskspace.run(
                job_of(document, own),
                workers=options.workers,
                store=options.store or Path(temporary) / "store",
                runs=Path(temporary) / "runs",
                plugins=False,
            ).result
            missing += result["missing"]
            found |= {repr(v): values_of(result, f"variant_{place}") for place, v in enumerate(own)}
    weights = ", ".join(f"{symbol} = {train[key]:g}" for key, (symbol, _) in WEIGHTS.items())
    print(
        f"$ {shlex.join(['python', *sys.argv])}\n{loaded.job.name} with {weights}: "
        f"{document.get('seeds', 1)} repetitions, 95 % intervals over them (Student's t), in "
        f"percent; {platform.machine()}, {os.cpu_count()} cores, {date.today()}"
    )
    for design in DESIGNS:
        base = found[repr(Variant(design, "as in the job"))]
        print(
            f"\n{design.upper():26}{'unseen top-1':>21}{'minus the job':>24}"
            f"{'AUC':>21}{'minus the job':>24}"
        )
        for variant in (one for one in wanted if one.design == design):
            values = found[repr(variant)]
            columns = [
                f"{percent(over(values, measure)):>21}"
                f"{'' if values is base else percent(over(values, measure, base), signed=True):>24}"
                for measure in MEASURES
            ]
            print(f"{variant.words:26}{''.join(columns)}")
    for cell in missing:
        print(f"missing: {cell['cell']}: {cell['message']}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
