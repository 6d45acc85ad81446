"""Draw the README's picture from the demo's own report, with headless Chromium.

make demo && .venv/bin/python docs/picture.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def main() -> int:
    """Write docs/demo.png; return the exit status."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    reports = sorted(HERE.parent.glob("runs/rooms-quick-*/report.html"))
    if browser is None or not reports:
        sys.stderr.write("Needs Chromium on the PATH and a report: run `make demo` first.\n")
        return 2
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser,
                *FLAGS,
                *(("--no-sandbox",) if os.geteuid() == 0 else ()),
                f"--user-data-dir={profile}",
                "--window-size=1200,1180",
                f"--screenshot={HERE / 'demo.png'}",
                reports[-1].resolve().as_uri(),
            ],
            check=True,
            stderr=subprocess.DEVNULL,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
