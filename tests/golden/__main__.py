"""Write the golden results anew, or compare with them to the last bit.

python tests/golden --exact [JOB ...]      print every number that differs, at its path; status 1
python tests/golden --write [JOB ...]      store what is computed now
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from golden_comparison import EXACT, differences
from golden_files import cell_lines, forget_others, stored_cells, stored_numbers, write
from golden_numbers import golden_numbers
from golden_run import JOBS, Workplace


def main() -> int:
    """Run the jobs in a fresh store; return 1 if a number differs."""
    parser = argparse.ArgumentParser(prog="python tests/golden", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--exact", action="store_true", help="compare to the last bit")
    what.add_argument("--write", action="store_true", help="store what is computed now")
    parser.add_argument("jobs", nargs="*", metavar="JOB", help="all where none is named")
    asked = parser.parse_args()
    unknown = sorted(set(asked.jobs) - set(JOBS))
    if unknown:
        parser.error(f"There is no job {unknown[0]!r}; there are {', '.join(JOBS)}.")
    differs = False
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TASKS_DATA"] = str(Path(folder) / "generated")
        workplace = Workplace(Path(folder), Path(folder) / "store")
        workplace.prepare()
        for job in asked.jobs or JOBS:
            run = workplace.run(job)
            if asked.write:
                write(job, run)
                continue
            found = list(differences(stored_numbers(job), golden_numbers(run), EXACT))
            found += differences(stored_cells(job), cell_lines(run), EXACT, "/cells")
            print(f"{job}: {len(found)} differences")
            print(*(f"  {line}" for line in found), sep="\n", end="\n" if found else "")
            differs = differs or bool(found)
    if asked.write:
        forget_others(JOBS)
    return int(differs)


if __name__ == "__main__":
    sys.exit(main())
