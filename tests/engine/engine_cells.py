"""Cell functions for the tests of the engine; workers import them by name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from taskspace.components import Result


def add(call):
    """Return the sum of the inputs' values and the parameter `plus`; note that it ran."""
    _note(call)
    total = sum(stored.record["value"] for stored in call.inputs.values())
    value = total + call.parameters["plus"]
    return Result({"value": value}, {"array": np.full(1000, value, dtype=np.float32)})


def fail(call):
    raise ValueError(f"no value for {call.parameters['plus']}")


def die(call):
    """Kill the process, the first `times` times."""
    _note(call)
    if len(_noted(call)) <= call.parameters["times"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return Result({"value": 1})


def leave(call):
    os._exit(3)


def leave_politely(call):
    raise SystemExit(3)


def big(call):
    """Return a megabyte of arrays or weights, as the parameter `what` says."""
    if call.parameters["what"] == "arrays":
        return Result({"value": 2}, {"array": np.zeros(1 << 20, dtype=np.uint8)})
    import torch

    return Result({"value": 2}, weights={"layer": torch.zeros(1 << 18)})


def unserialisable(call):
    return Result({"value": float("nan")})


def add_all(calls):
    """Batched `add`; a negative `plus` fails alone."""
    for index, call in enumerate(calls):
        if call.parameters["plus"] < 0:
            yield index, ValueError("negative")
        else:
            yield index, add(call)


def add_beside_a_writer(call):
    """`add`, while another program changes an input, the first `times` times.

    It writes in place, after the input was verified, puts back what it found where `back`, and sets
    the old times.
    """
    _note(call)
    (stored,) = call.inputs.values()
    array = stored.array("array")
    if len(_noted(call)) <= call.parameters["times"]:
        overwrite(stored.folder / "array.npy", -1, back=call.parameters["back"])
    return Result({"value": float(array[-1]) + call.parameters["plus"]})


def overwrite(path: Path, place: int, *, back: bool = False) -> None:
    """Change a byte in place and set the file's times to what they were."""
    content = path.read_bytes()
    status = path.stat()
    changed = bytearray(content)
    changed[place] ^= 0x40
    for written in (changed, content)[: 1 + back]:
        with path.open("r+b") as file:
            file.write(written)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def interrupted(call):
    """`add`, but Ctrl-C comes where `plus` is negative."""
    if call.parameters["plus"] < 0:
        raise KeyboardInterrupt
    return add(call)


def interrupted_all(calls):
    """Batched `interrupted`."""
    for index, call in enumerate(calls):
        yield index, interrupted(call)


def raise_midway(calls):
    for index, call in enumerate(calls):
        if call.parameters["plus"] < 0:
            raise ValueError("the whole batch stumbles")
        yield index, add(call)


def _noted(call) -> list[Path]:
    folder = Path(os.environ["ENGINE_TEST_NOTES"])
    return list(folder.glob(f"{call.name.replace('/', '_')}--*"))


def _note(call) -> None:
    folder = Path(os.environ["ENGINE_TEST_NOTES"])
    (folder / f"{call.name.replace('/', '_')}--{time.monotonic_ns()}").touch()
