"""Mutated tables, registry.toml and jobs through the real entry points.

All of them: `python tests/tables/text_mutations.py --count 10000 --seed 0`, with this checkout's
folders on PYTHONPATH. `make test` runs a share of them.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from typer.testing import CliRunner

from taskspace.errors import TaskspaceError
from taskspace.registry.builtins import read_builtins
from taskspace.registry.intent import read_intent
from taskspace.studies.recommend.table.description import ErrorColumns, ErrorFile
from taskspace.studies.recommend.table.reading import read_errors
from taskspace.studies.taxonomy.table.affinities import read_table
from taskspace.studies.taxonomy.table.description import AffinityTable
from taskspace_cli.main import app

LONGEST = 60
"""Seconds; a mutant that takes longer hangs."""

ROWS = """target,sources,affinity,gain,quality,label_cost
a,a,0.9,0.8,0.5,0
b,b,0.8,0.7,0.5,2
c,c,0.7,0.9,0.5,
b,a,0.7,0.6,0.3,0.25
a,b+c,0.3,0.4,0.2,
"c",a+b,NA,,0.1,1
"""
MATRIX = 'source,a,"b",c\na,0.5,0.2,0.1\nb,0.3,0.6,\nc,0.2,0.1,0.7\nd,0.1,0.1,?\n'
WIDE = "task,group,m1,m2,m3\nt1,g,10,12.5,30\nt2,g,11,NA,25\nt3,h,9,14,28\n"
LONG = "task,model,error,parameters,score\n" + "".join(
    f"t{t},m{m},{10 * m + t},{m}000,{m}.5\n" for t in range(3) for m in range(3)
)
JSON = json.dumps(
    [
        {"target": t, "sources": [s], "affinity": 0.9 if s == t else 0.4, "gain": None}
        for t in "abc"
        for s in "abc"
    ]
)
TOML = """schema = 1
[plugins.taskspace-weather]
source = "pypi:taskspace-weather==1.2.0"
version = "1.2.0"
sha256 = "HASH"
api = ">=1,<2"
trust = "pinned"
enabled = true
provides = ["task:rain"]
""".replace("HASH", "0123456789abcdef" * 4)
JOB = """study: taxonomy
name: mutant
affinities:
  table: table.csv
  supervised: null
  costs: {a: 0, b: 20}
  columns: {affinity: affinity}
solve: {budgets: [1, 2], random_policies: 0}
"""

NASTY = (
    *(
        ",",
        ";",
        "\t",
        "|",
        '"',
        '""',
        "'",
        "\n",
        "\r",
        "\r\n",
        "\n\n",
        ",,,\n",
        "\0",
        "\ufeff",
        " ",
    ),
    *("+", "++", "a+b", "NA", "nan", "-inf", "1e999", "1,234", "0,5", "12%", "3 kg", "1_0", "?"),
    *("-", "9" * 400, "9" * 5000, "x" * 140_000, "[" * 200, "{", "}", "]", ":", "# ", "sep=;\n"),
    *("null", "true", "\ud7ff", "\U0001f600", "e\u0301", "\u2028", "\x85", "\x1b[31m", "é", "\\"),
    *("[plugins.x]\n", "= ", "'''", '"""', "&a ", "*a", "!!python/object:os.system ", "<<: ", "~"),
)
CELLS = (
    *("", " ", "0", "-1", "2.5", "1e-300", "1e300", "NA", "#DIV/0!", "?", "0,5", "1,234", "12%"),
    *("a", "b", " A ", "a+b", "a+a", "self", "t1", "m1", "error", "group", "gain", "Affinity"),
)
_CELL = re.compile(r"[^,;:\t\n\"]+")
ENCODINGS = (*["utf-8"] * 12, "utf-8-sig", "utf-8-sig", "utf-16", "utf-16-be", "latin-1")


def mutated(text: str, draw: random.Random) -> bytes:
    """Return a text with one to five changes, as some program saves it."""
    for _ in range(draw.choice([1, 1, 1, 2, 3, 5])):
        start = draw.randint(0, len(text))
        end = min(len(text), start + draw.choice([0, 0, 1, 2, 5, 20]))
        kind = draw.random()
        if kind < 0.4 and (cells := list(_CELL.finditer(text))):
            cell = draw.choice(cells)
            text = text[: cell.start()] + draw.choice(CELLS) + text[cell.end() :]
        elif kind < 0.6:
            text = text[:start] + draw.choice(NASTY) + text[end:]
        elif kind < 0.7:
            text = text[:start] + text[end:]
        elif kind < 0.8:
            text = text[:start] + text[start:end] * 2 + text[end:]
        elif kind < 0.9:
            lines = text.splitlines(keepends=True) or [""]
            lines.insert(draw.randrange(len(lines) + 1), draw.choice(lines))
            text = "".join(lines)
        else:
            text = text.replace(*draw.choice([(",", ";"), (",", "\t"), (".", ","), ("\n", "\r\n")]))
    content = text.encode(draw.choice(ENCODINGS), errors="replace")
    for _ in range(draw.choice([0, 0, 0, 0, 0, 0, 0, 0, 1, 3])):
        place = draw.randint(0, len(content))
        content = content[:place] + draw.randbytes(draw.randint(0, 3)) + content[place + 1 :]
    return content


def command(*arguments: str) -> None:
    """Run the command; a user's mistake ends it with status 2, or 1 for a run that failed."""
    done = CliRunner().invoke(app, list(arguments), env={"TERM": "dumb"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    if done.exit_code not in (0, 1, 2) or "Traceback" in done.output:
        raise AssertionError(f"exit status {done.exit_code}: {done.output[-500:]}")


def transfers(file: Path) -> None:
    """Read a table of transfers to the policy problem."""
    read_table(AffinityTable(table=file, supervised=None, costs={"a": 0})).problem()


def errors(file: Path) -> None:
    """Read a table of errors."""
    read_errors(ErrorFile(table=file, columns=ErrorColumns(scores=[])))


def scores(file: Path) -> None:
    """Read a long table with scores."""
    read_errors(ErrorFile(table=file, columns=ErrorColumns(scores=["score"])))


def registry(file: Path) -> None:
    """Read a registry."""
    read_intent(file, read_builtins().kinds)


def solved(file: Path) -> None:
    """Solve a job's table with the command."""
    places = ["--store", str(file.parent / "store"), "--runs", str(file.parent / "runs")]
    job = file.parent / "job.yaml"
    job.write_text(JOB)
    command("solve", str(job), "--executor", "inline", *places)


def listed(file: Path) -> None:
    """List plugins with a registry."""
    command("--registry", str(file), "plugin", "list")


def checked(file: Path) -> None:
    """Check a job with the command."""
    (file.parent / "table.csv").write_text(ROWS)
    command("check", str(file))


CASES: tuple[tuple[int, str, str, Callable[[Path], None]], ...] = (
    (20, "table.csv", ROWS, transfers),
    (20, "table.csv", MATRIX, transfers),
    (15, "table.json", JSON, transfers),
    (10, "table.csv", WIDE, errors),
    (10, "table.csv", LONG, scores),
    (15, "registry.toml", TOML, registry),
    (6, "job.yaml", JOB, checked),
    (2, "registry.toml", TOML, listed),
    (2, "table.csv", ROWS, solved),
)
"""Of a hundred mutants: how many, the file, its text, and where it goes."""


def run(
    count: int, seed: int, folder: Path, cases: object = None
) -> tuple[Counter[str], list[str]]:
    """Return what became of mutants, and what those left behind that should not be.

    Args:
        count: how many, drawn by the shares of the cases.
        seed: of the draws; a mutant is drawn from the seed and its number.
        folder: where files are written.
        cases: names of the functions to use; all where None.
    """
    chosen = [case for case in CASES if cases is None or case[3].__name__ in cases]  # type: ignore[operator]
    outcomes: Counter[str] = Counter()
    faults = []
    signal.signal(signal.SIGALRM, _hangs)
    for number in range(count):
        draw = random.Random(f"{seed}-{number}")
        _, name, text, entry = draw.choices(chosen, [case[0] for case in chosen])[0]
        file = folder / name
        file.write_bytes(mutated(text, draw))
        signal.alarm(LONGEST)
        try:
            entry(file)
            outcomes[f"{entry.__name__}: read"] += 1
        except TaskspaceError as error:
            str(error).encode()
            outcomes[f"{entry.__name__}: refused"] += 1
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            outcomes[f"{entry.__name__}: fault"] += 1
            faults.append(
                f"mutant {number} ({entry.__name__}): {file.read_bytes()[:300]!r}\n"
                + "".join(traceback.format_exception(error)[-3:])
            )
        finally:
            signal.alarm(0)
    return outcomes, faults


def _hangs(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"It takes more than {LONGEST} seconds.")


def main() -> None:
    """Run mutants and print what became of them; exit status 1 where one left a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", help="an entry point, such as transfers")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcomes, faults = run(options.count, options.seed, Path(folder), options.only)
    for name, number in sorted(outcomes.items()):
        sys.stdout.write(f"{number:6,}  {name}\n")
    sys.stdout.write("\n".join(faults[:20]))
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
