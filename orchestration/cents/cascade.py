"""Cents of lines whose totals are printed along two hierarchies, each figure within a cent.

A line stands, say, in an account and in a team. Largest remainders from the total down the first
hierarchy keep every figure of it within a cent of its exact value; sums along the second one would
drift by half a cent a line. So a cent is moved between lines until those are within a cent too.
Lines are edges of a flow from the first hierarchy to the second; an edge may carry its amount
rounded down or up: the exact amounts are such a flow, so there is one of whole cents (controlled
rounding, Cox 1987). Where nothing drifts, nothing is moved.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence

from orchestration.cents.flow import Edge, settle
from orchestration.cents.largest_remainder import fits, highest, lowest, split_cents

Path = tuple[Hashable, ...]


def cascade(
    amounts: Sequence[int],
    total: int,
    unit: int,
    *,
    within: Sequence[Path],
    also: Sequence[Path] = (),
) -> list[int]:
    """Cents per line (`amounts` in pico-units) that sum to `total`, the sum rounded down or up.

    `within` and `also`: the names of a line's groups, outermost first. The cents of every group,
    and of every line, are its exact amount rounded down or up. The order of lines breaks ties.
    """
    cents = [0] * len(amounts)
    _spread(amounts, range(len(amounts)), total, unit, within, 0, cents)
    return settled(amounts, cents, unit, within, also) if also else cents


def _spread(
    amounts: Sequence[int],
    lines: Sequence[int],
    total: int,
    unit: int,
    within: Sequence[Path],
    depth: int,
    cents: list[int],
) -> None:
    groups: dict[Hashable, list[int]] = {}
    for line in lines:
        path = within[line]
        # below the last name each line is its own group
        name = (path[depth],) if depth < len(path) else line
        groups.setdefault(name, []).append(line)
    sums = [sum(amounts[line] for line in group) for group in groups.values()]
    for group, part in zip(groups.values(), split_cents(sums, total, unit), strict=True):
        if depth >= len(within[group[0]]):
            cents[group[0]] = part
        else:
            _spread(amounts, group, part, unit, within, depth + 1, cents)


def settled(
    amounts: Sequence[int],
    cents: Sequence[int],
    unit: int,
    within: Sequence[Path],
    also: Sequence[Path],
    kept: Collection[Path] = (),
    wanted: Mapping[Path, int] | None = None,
) -> list[int]:
    """`cents`, of which some are moved so that the groups of `also` are within a cent as well.

    `kept`: groups of `within` whose cents stand elsewhere and stay; with some it may be impossible
    for a group of `also`, which is then left as it is. `wanted`: cents that a group of `also`
    shall have where that is possible.
    """
    if _is_settled(amounts, cents, unit, also, wanted or {}):
        return list(cents)
    network = _Network()
    top = network.node()
    network.fixed(top, network.named(("within",)), sum(cents))
    for path in dict.fromkeys(within):
        network.chain(("within",), path, down=True)
    for path in dict.fromkeys(also):
        network.chain(("also",), path, down=False)
    ends = network.named(("also",))
    network.fixed(ends, top, sum(cents))
    lines = []
    for line, amount in enumerate(amounts):
        edges = network.along(("within",), within[line])
        lines.append(network.line(("within", *within[line]), ("also", *also[line])))
        for edge in (*edges, lines[-1], *network.along(("also",), also[line])):
            network.carry(edge, amount, cents[line])
    network.bound(unit)
    for path in kept:
        network.want(("within",), path)
    for path, sought in (wanted or {}).items():
        network.want(("also",), path, sought)
    network.settle()
    return [network.edges[line].flow for line in lines]


def _is_settled(
    amounts: Sequence[int],
    cents: Sequence[int],
    unit: int,
    also: Sequence[Path],
    wanted: Mapping[Path, int],
) -> bool:
    exact: dict[Path, int] = {}
    have: dict[Path, int] = {}
    for path, amount, cent in zip(also, amounts, cents, strict=True):
        for depth in range(1, len(path) + 1):
            group = path[:depth]
            exact[group] = exact.get(group, 0) + amount
            have[group] = have.get(group, 0) + cent
    return all(have[group] == cent for group, cent in wanted.items()) and all(
        fits(have[group], amount, unit) for group, amount in exact.items()
    )


class _Network:
    """Groups are nodes; lines, and a group's place in the next one, are edges."""

    def __init__(self) -> None:
        self.edges: list[Edge] = []
        self._amounts: list[int] = []
        self._fixed: set[int] = set()
        self._nodes: dict[Path, int] = {}
        self._places: dict[Path, int] = {}
        self._number = 0

    def node(self) -> int:
        self._number += 1
        return self._number - 1

    def named(self, path: Path) -> int:
        if path not in self._nodes:
            self._nodes[path] = self.node()
        return self._nodes[path]

    def _edge(self, start: int, end: int) -> int:
        self.edges.append(Edge(start, end))
        self._amounts.append(0)
        return len(self.edges) - 1

    def fixed(self, start: int, end: int, flow: int) -> None:
        number = self._edge(start, end)
        self.edges[number].flow = flow
        self._fixed.add(number)

    def line(self, start: Path, end: Path) -> int:
        return self._edge(self.named(start), self.named(end))

    def chain(self, root: Path, path: Path, *, down: bool) -> None:
        """The places of a path's groups, each in the one before it."""
        for depth in range(len(path)):
            outer, inner = (*root, *path[:depth]), (*root, *path[: depth + 1])
            if inner not in self._places:
                ends = (outer, inner) if down else (inner, outer)
                self._places[inner] = self._edge(*map(self.named, ends))

    def along(self, root: Path, path: Path) -> list[int]:
        return [self._places[(*root, *path[: depth + 1])] for depth in range(len(path))]

    def carry(self, number: int, amount: int, cents: int) -> None:
        self._amounts[number] += amount
        self.edges[number].flow += cents

    def bound(self, unit: int) -> None:
        for number, (edge, amount) in enumerate(zip(self.edges, self._amounts, strict=True)):
            if number in self._fixed:
                edge.low = edge.high = edge.flow
            else:
                edge.low, edge.high = lowest(amount, unit), highest(amount, unit)

    def want(self, root: Path, path: Path, cents: int | None = None) -> None:
        edge = self.edges[self._places[(*root, *path)]]
        edge.low = edge.high = edge.flow if cents is None else cents

    def settle(self) -> None:
        """Brings every edge into its bounds, where a way round it is found."""
        settle(self.edges, self._number)
