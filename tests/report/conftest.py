"""Text that is meant to break pages, and a page around any block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from report_browser import NAMES, Browser, find_browser
from report_reader import Element, read

from taskspace.components.page import Block, Page, Section
from taskspace.report import render


@pytest.fixture
def drawn() -> Callable[..., Element]:
    def draw(*blocks: Block) -> Element:
        return read(render(Page("title", "", [Section("section", blocks)]), {}))

    return draw


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = find_browser()
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on PATH")
    browser = Browser(program, Path(tmp_path_factory.mktemp("browser")))
    yield browser
    browser.close()
