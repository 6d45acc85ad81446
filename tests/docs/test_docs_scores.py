"""The table of scores is what the components are."""

from __future__ import annotations

import re
from pathlib import Path

from taskspace_plugins.plugin import taskspace_scores

PAGE = Path(__file__).parents[2] / "docs" / "scores.md"
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| .+? \| .+? \| (.+?) \|$", re.MULTILINE)


def test_every_score_is_in_the_table_with_what_it_reads_and_its_paper():
    rows = {name: (reads, papers) for name, reads, papers in ROW.findall(PAGE.read_text())}
    components = {cls.name: cls for cls in taskspace_scores()}
    assert rows.keys() == components.keys()
    for name, (reads, papers) in rows.items():
        assert reads == components[name].reads
        module = Path(str(components[name].__module__).replace(".", "/"))
        source = (PAGE.parents[1] / "plugins" / module).with_suffix(".py").read_text()
        for paper in papers.split("; "):
            author, year = paper.replace("á", "a").split()[0], paper.split()[-1]
            assert re.search(rf"{author}[\w .]*{year}", source.replace("\n", " ")), (name, paper)


def test_the_defaults_that_the_page_names_are_those_of_the_components():
    text = PAGE.read_text()
    fields = {
        (cls.name, name): field.default
        for cls in taskspace_scores()
        for name, field in cls.model_fields.items()
    }
    paragraphs = re.findall(r"^- \*\*`(\w+)`\*\*(.+)$", text, re.MULTILINE)
    named = {
        (score, name): value
        for score, paragraph in paragraphs
        for name, value in re.findall(r"`(\w+): ([\d.]+)`", paragraph)
    }
    assert set(named) == {
        ("transrate", "distortion"),
        ("parc", "images"),
        ("knn", "k"),
        ("knn", "images"),
    }
    assert {key: float(value) for key, value in named.items()} == {k: fields[k] for k in named}
