"""Where the nodes and bands of a flow stand: one scale of height for all money."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orchestration.exports.site.blocks.flow import Flow, Link, Node

LINE: Final = 24.0
GAP: Final = 7.0
THINNEST: Final = 1.5
# A thinner band takes the full colour.
THIN: Final = 3.0
TOP: Final = 26.0
NARROW: Final = 400.0
LONGEST: Final = 20


@dataclass(frozen=True, slots=True)
class PlacedNode:
    node: Node
    x: float
    y: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def is_tall(self) -> bool:
        return self.height >= 2 * LINE - GAP


@dataclass(frozen=True, slots=True)
class PlacedLink:
    link: Link
    path: str
    is_thin: bool


@dataclass(frozen=True, slots=True)
class Picture:
    width: float
    height: float
    node_width: float
    nodes: Sequence[PlacedNode]
    links: Sequence[PlacedLink]
    columns: Sequence[float]

    @property
    def is_narrow(self) -> bool:
        """Names of its first column stand left of it."""
        return self.width < NARROW

    @property
    def longest(self) -> int:
        """Letters of a name that has its amount beside it."""
        return 14 if self.is_narrow else LONGEST


def placed(
    flow: Flow, columns: Sequence[int], places: Sequence[float], width: float, full: float
) -> Picture:
    """Of the flow's `columns`, left to right at `places`; `full`: the height of all money."""
    scale = full / max(flow.total, 1)
    nodes: dict[str, PlacedNode] = {}
    bottom = 0.0
    ends = {
        key
        for link in flow.links
        if {link.start.column, link.end.column} <= {*columns}
        for key in (link.start.key, link.end.key)
    }
    for column, x in zip(columns, places, strict=True):
        y = TOP
        shown = [node for node in flow.columns[column] if node.key in ends]
        for before, node in zip([None, *shown], shown, strict=False):
            if before is not None and (before.kind != node.kind and node.kind == "rest"):
                y += LINE / 2
            height = max(THINNEST, node.cents * scale)
            nodes[node.key] = PlacedNode(node, x, y, height)
            y += max(height + GAP, LINE)
        bottom = max(bottom, y)
    node_width = 9.0
    links = _bands(flow, nodes, scale, node_width)
    return Picture(width, bottom + 8, node_width, list(nodes.values()), links, places)


def _bands(
    flow: Flow, nodes: dict[str, PlacedNode], scale: float, node_width: float
) -> list[PlacedLink]:
    shown = [link for link in flow.links if link.start.key in nodes and link.end.key in nodes]
    leaving = _offsets(shown, nodes, scale, is_start=True)
    arriving = _offsets(shown, nodes, scale, is_start=False)
    bands = []
    for number, link in enumerate(shown):
        start, end = nodes[link.start.key], nodes[link.end.key]
        thick = max(THINNEST, link.cents * scale)
        left, right = start.x + node_width, end.x
        path = _band(left, leaving[number], right, arriving[number], thick)
        bands.append(PlacedLink(link, path, thick < THIN))
    # thick ones below, so that a thin one is seen
    return sorted(bands, key=lambda band: -band.link.cents)


def _offsets(
    links: Sequence[Link], nodes: dict[str, PlacedNode], scale: float, *, is_start: bool
) -> dict[int, float]:
    ends = [(link.start.key, link.end.key) for link in links]
    found: dict[int, float] = {}
    at: dict[str, float] = {}
    order = sorted(range(len(links)), key=lambda number: nodes[ends[number][is_start]].y)
    for number in order:
        key = ends[number][not is_start]
        y = at.get(key, nodes[key].y)
        found[number] = y
        at[key] = y + max(THINNEST, links[number].cents * scale)
    return found


def _band(left: float, y1: float, right: float, y2: float, thick: float) -> str:
    middle = (left + right) / 2
    return (
        f"M{left:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {right:.1f} {y2:.1f}"
        f"V{y2 + thick:.1f}C{middle:.1f} {y2 + thick:.1f} {middle:.1f} {y1 + thick:.1f}"
        f" {left:.1f} {y1 + thick:.1f}Z"
    )
