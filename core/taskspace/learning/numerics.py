"""The same numbers everywhere: threads, denormals, seeds and memory format, set and restored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

import torch

from taskspace.components import stable_seed

_TORCH = RLock()
# Torch's generator and its number of threads belong to the process: two runs in threads of one
# process take turns, cell by cell.


@contextmanager
def settled(cpus: int) -> Iterator[None]:
    """Compute with `cpus` threads and denormals as zero; results depend on both."""
    with _TORCH:
        threads = torch.get_num_threads()
        torch.set_num_threads(cpus)
        flushed = torch.set_flush_denormal(True)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            if flushed:
                torch.set_flush_denormal(False)


@contextmanager
def seeded(*parts: object) -> Iterator[None]:
    """Seed torch's own generator from the text of `parts`, and restore it: layers initialise."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stable_seed(*parts))
        yield


def generator(*parts: object) -> torch.Generator:
    """Return a CPU generator seeded from the text of `parts`."""
    return torch.Generator().manual_seed(stable_seed(*parts))
