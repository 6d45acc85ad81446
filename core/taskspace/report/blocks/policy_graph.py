"""Policies as graphs: labelled tasks on the left, the targets that they serve on the right.

With more targets than a graph can show, each set of sources is listed with its targets.

Every policy is drawn; a script shows the one that the slider stands at. Without the script, and on
paper, all of them stand one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taskspace.components.page import Figures, PolicyGraph, PolicyView, Scalar, Table
from taskspace.report.blocks.table import draw_table
from taskspace.report.blocks.text import draw_figures
from taskspace.report.download import csv_link
from taskspace.report.frame import Ids, figure, key_entry, name_text, nothing, scroll, svg
from taskspace.report.label import lines, width
from taskspace.report.markup import Markup, join, tag

_FONT = 12.0
_BOLD = 1.08
"""How much wider the names of labelled sources are."""
_ROW, _TALL_ROW = 22.0, 31.0
"""Height of a task, and of each where one of them has a name of two lines."""
_LABEL_ROOM = 140.0
_GAP = 150.0
_TOP = 27.0
_ZOOM = 1.25
"""Pixels a unit; on a phone fewer, which is why the letters are large for the drawing."""
_MOST_DRAWN = 100
"""Targets up to which a graph can be read; more are listed by what serves them."""

_MOST_NAMED = 12
"""Targets that are named for one set of sources; all of them are in the CSV."""

_TICK_LETTERS = 60
"""Letters beyond which the labels of the slider's ticks would run into each other."""


@dataclass(frozen=True)
class _GraphLayout:
    left: float
    right: float
    width: float
    height: float
    row: float

    @staticmethod
    def of(block: PolicyGraph) -> _GraphLayout:
        def room(names: Sequence[str]) -> float:
            shown = (line for name in names for line in _lines(name))
            return max((width(line, _FONT * _BOLD) for line in shown), default=0.0)

        left = max(room(block.sources), 60) + 18
        right = left + _GAP
        span = right + max(room(block.targets), 60) + 18
        short = all(len(_lines(name)) == 1 for name in (*block.sources, *block.targets))
        row = _ROW if short else _TALL_ROW
        rows = max(len(block.sources), len(block.targets))
        return _GraphLayout(left, right, span, _TOP + rows * row + 4, row)

    def source(self, index: int) -> tuple[float, float]:
        return self.left, _TOP + (index + 0.5) * self.row

    def target(self, index: int) -> tuple[float, float]:
        return self.right, _TOP + (index + 0.5) * self.row


def _lines(name: str) -> list[str]:
    return lines(name, _FONT * _BOLD, _LABEL_ROOM)


def _edge(start: tuple[float, float], end: tuple[float, float], *, own: bool) -> Markup:
    bend = (end[0] - start[0]) / 2
    path = (
        f"M{start[0] + 7:.1f} {start[1]:.1f}"
        f"C{start[0] + bend:.1f} {start[1]:.1f} {end[0] - bend:.1f} {end[1]:.1f} "
        f"{end[0] - 7:.1f} {end[1]:.1f}"
    )
    return tag("path", d=path, class_="edge own" if own else "edge")


def _node(at: tuple[float, float], *, supervised: bool) -> Markup:
    x, y = at
    if supervised:
        return tag("rect", x=x - 6, y=y - 6, width=12, height=12, rx=2, class_="node bought")
    return tag("circle", cx=x, cy=y, r=4.5, class_="node")


def _name(name: str, x: float, y: float, classes: str) -> Markup:
    return name_text(name, _lines(name), x=x, y=y + 4, class_=classes)


def _target(block: PolicyGraph, policy: PolicyView, layout: _GraphLayout, index: int) -> Markup:
    name = block.targets[index]
    sources = policy.transfers.get(name, ())
    own = list(sources) == [name]
    places = {source: at for at, source in enumerate(block.sources)}
    end = layout.target(index)
    edges = [
        _edge(layout.source(places[source]), end, own=own) for source in sources if source in places
    ]
    state = "" if sources else " off"
    return tag(
        "g",
        tag("title", _served(name, policy)),
        *edges,
        _node(end, supervised=name in policy.supervised),
        _name(name, end[0] + 13, end[1], f"start{state}"),
        class_="target",
    )


def _served(name: str, policy: PolicyView) -> str:
    sources = policy.transfers.get(name, ())
    if not sources:
        return f"{name}: not served"
    if list(sources) == [name]:
        return f"{name}: its own supervised network"
    return f"{name} from {' + '.join(sources)}"


def _graph(block: PolicyGraph, policy: PolicyView, title: str, ids: Ids) -> Markup:
    layout = _GraphLayout.of(block)
    heads = [
        tag("text", "sources", x=layout.left + 7, y=14, class_="quiet end"),
        tag("text", "targets", x=layout.right - 7, y=14, class_="quiet start"),
    ]
    sources = []
    for index, name in enumerate(block.sources):
        bought = name in policy.supervised or name in policy.pretrained
        at = layout.source(index)
        label = _name(name, at[0] - 13, at[1], "end bought" if bought else "end off")
        sources.append(join([_node(at, supervised=bought), label]))
    # In reverse, so that the first targets' edges lie on top and hovering finds them.
    targets = [_target(block, policy, layout, i) for i in reversed(range(len(block.targets)))]
    drawing = svg(
        [*heads, *targets, *sources],
        width=layout.width,
        height=layout.height,
        title=title,
        desc="; ".join(_served(name, policy) for name in block.targets) or "No targets.",
        id_=ids.new(f"{block.name}-graph"),
        zoom=_ZOOM,
    )
    return scroll(drawing, title)


def _listing(block: PolicyGraph, policy: PolicyView) -> Table:
    """Return each set of sources with the targets that it serves, the busiest first."""
    served: dict[tuple[str, ...], list[str]] = {}
    for target in block.targets:
        sources = tuple(policy.transfers.get(target, ()))
        if sources != (target,):
            served.setdefault(sources, []).append(target)
    rows: list[list[Scalar]] = []
    for sources, targets in sorted(served.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        named = ", ".join(targets[:_MOST_NAMED])
        rest = f" and {len(targets) - _MOST_NAMED} more" if len(targets) > _MOST_NAMED else ""
        rows.append([" + ".join(sources) or "not served", len(targets), named + rest])
    return Table(
        f"{block.name}-{policy.label}",
        ["sources", "serve", "targets"],
        rows,
        "What serves the targets that have no network of their own.",
    )


def _panel(block: PolicyGraph, index: int, ids: Ids) -> Markup:
    policy = block.policies[index]
    title = f"{block.slider} {policy.label}".strip()
    bought = [name for name in policy.supervised if name not in policy.free]
    if len(block.targets) <= _MOST_DRAWN:
        graph = _graph(block, policy, title, ids)
    else:
        graph = draw_table(_listing(block, policy), ids)
    if policy.tables:
        tables = [draw_table(table, ids) for table in policy.tables]
        graph = tag("div", graph, tag("div", *tables, class_="beside"), class_="pair")
    return tag(
        "div",
        tag("h3", title, class_="policy-title"),
        _names(f"Label {len(bought)}:", bought),
        _names("Free labels:", policy.free) if policy.free else None,
        _names("Pretrained:", policy.pretrained) if policy.pretrained else None,
        draw_figures(Figures(policy.figures)) if policy.figures else None,
        tag("p", policy.note, class_="note") if policy.note else None,
        graph,
        class_="policy first" if index == block.first else "policy",
        data_label=policy.label,
    )


def _names(lead: str, names: Sequence[str]) -> Markup:
    listed = tag("ul", join(tag("li", name) for name in names), class_="names")
    shown = listed if names else tag("p", "no task", class_="nothing")
    return tag("div", tag("span", lead, class_="lead"), shown, class_="bought")


def _slider(block: PolicyGraph, id_: str) -> Markup:
    ticks = [
        tag("option", policy.label, value=position)
        for position, policy in enumerate(block.policies)
    ]
    crowded = sum(len(policy.label) + 2 for policy in block.policies) > _TICK_LETTERS
    input_ = tag(
        "input",
        type="range",
        id=f"{id_}--slider",
        min=0,
        max=len(block.policies) - 1,
        step=1,
        value=block.first,
        list=f"{id_}--ticks",
        autocomplete="off",
        aria_valuetext=block.policies[block.first].label,
    )
    marks = tag("datalist", *ticks, id=f"{id_}--ticks", class_="crowded" if crowded else None)
    shown = tag("output", block.policies[block.first].label, for_=f"{id_}--slider")
    return tag(
        "div",
        tag("label", block.slider or "policy", for_=f"{id_}--slider"),
        tag("div", input_, marks, class_="track"),
        shown,
        class_="slider",
        hidden=True,
    )


def _key() -> Markup:
    return tag(
        "ul",
        key_entry("labelled (supervised)", _node((14, 7), supervised=True)),
        key_entry("not labelled", _node((14, 7), supervised=False)),
        key_entry("transfer", tag("path", d="M0 7h28", class_="edge")),
        key_entry("its own network", tag("path", d="M0 7h28", class_="edge own")),
        class_="legend",
    )


def draw_policy_graph(block: PolicyGraph, ids: Ids) -> Markup:
    """Return every policy as a graph, and a slider that chooses among them."""
    id_ = ids.new(block.name)
    caption = block.caption or block.name
    if not block.policies:
        return figure(nothing("No policies."), caption, id_=id_, kind="policies")
    panels = join(_panel(block, index, ids) for index in range(len(block.policies)))
    rows: list[list[Scalar]] = [
        [
            policy.label,
            target,
            " + ".join(policy.transfers.get(target, ())),
            target in policy.supervised,
        ]
        for policy in block.policies
        for target in block.targets
    ]
    download = csv_link(block.name, [block.slider, "target", "sources", "supervised"], rows)
    body = join(
        [
            _slider(block, id_) if len(block.policies) > 1 else None,
            _key() if len(block.targets) <= _MOST_DRAWN else None,
            tag("div", panels, class_="panels"),
        ]
    )
    return figure(body, caption, download, id_=id_, kind="policies")
