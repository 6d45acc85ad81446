"""The most memory that a run of all 26 tasks on many images takes, over all its processes.

Every stage runs, with as little training as there can be: memory follows from the images and the
tasks, not from how long a network learns. Memory is the proportional set size, summed over the
run's processes and sampled twice a second: pages that workers share count once.

    python benchmarks/memory.py [--images 20000] [--size 64] [--workers 2] [--folder DIR]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

JOB = Path(__file__).parents[1] / "jobs" / "rooms-full.yaml"

OVERRIDES = {
    "encoder": "{use: small_resnet, width: 8, factor: 16}",
    "decoder": "{use: two_conv, width: 16}",
    "readout": "{use: two_conv, width: 16}",
    "train": "{epochs: 1, batch: 64}",
    "transfer": "{max_order: 2, beam: 2, images: 2000, epochs: 1, batch: 50}",
    "solve": "{budgets: [4], random_policies: 20}",
}


def processes(root: int) -> set[int]:
    """Return a process and all that descend from it."""
    parent = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text()
            except OSError:
                continue
            parent[int(entry.name)] = int(status.rpartition(")")[2].split()[1])
    found = {root}
    while more := {child for child, of in parent.items() if of in found} - found:
        found |= more
    return found


def proportional_bytes(process: int) -> int:
    """Return the proportional set size of a process; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def main() -> int:
    """Run the job and print its peak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="for the store and the rooms; else temporary")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        command = [sys.executable, "-m", "taskspace_cli", "run", str(JOB)]
        command += ["--store", str(folder / "store"), "--runs", str(folder / "runs")]
        command += ["--workers", str(options.workers)]
        whole = OVERRIDES | {
            "name": "memory",
            "dataset": f"{{use: rooms, images: {options.images}, size: {options.size}}}",
        }
        for key, value in whole.items():
            command += ["--set", f"{key}={value}"]
        started = time.perf_counter()
        run = subprocess.Popen(
            command,
            env=os.environ | {"TASKS_DATA": str(folder / "data")},
            stdout=subprocess.DEVNULL,
        )
        peak = 0
        while run.poll() is None:
            peak = max(peak, sum(map(proportional_bytes, processes(run.pid))))
            time.sleep(0.5)
        stored = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(
        f"{options.images} images {options.size}x{options.size}, 26 tasks, {options.workers} "
        f"workers: at most {peak / 2**30:.2f} GiB of memory, {stored / 2**30:.1f} GiB on disk, "
        f"{time.perf_counter() - started:.0f} s"
    )
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
