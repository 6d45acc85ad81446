"""Source is parsed in threads as it is alone."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator

import pytest

from taskspace.registry.bounded.syntax import parsed

SOURCE = b"x = [1, (2, 3)]\n" * 20


class Loop:
    """Garbage that only the collector frees, and that lets other threads run when it goes."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        time.sleep(0)


@pytest.fixture
def collected_often() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(50)
    yield
    gc.set_threshold(*before)


def test_threads_that_parse_at_once_all_get_their_tree(collected_often: None) -> None:
    lengths = list[int]()

    def parse() -> None:
        for _ in range(8):
            for _ in range(8):
                Loop()
            lengths.append(len(parsed(SOURCE).body))

    threads = [threading.Thread(target=parse) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lengths == [20] * 32
