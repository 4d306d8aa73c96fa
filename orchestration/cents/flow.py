"""A flow of whole cents whose edges are brought within their bounds, where that is possible.

What is above an edge's bound is taken off it: its start then has cents too many and its end too
few. They go from the one to the other along edges that have room, many on shortest paths at once
(blocking flows, Dinitz 1970). What finds no way returns to where it was. The order of edges breaks
ties.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Edge:
    """`flow` is wanted between `low` and `high`."""

    start: int
    end: int
    flow: int = 0
    low: int = 0
    high: int = 0


# An edge, and 1 to send a cent along it or -1 to take one back.
Step = tuple[Edge, int]


def settle(edges: Sequence[Edge], nodes: int) -> None:
    """Changes flows alone; of a node as much goes out as comes in, as before."""
    before = [edge.flow for edge in edges]
    beyond = [0] * nodes
    for edge in edges:
        inside = min(max(edge.flow, edge.low), edge.high)
        beyond[edge.start] += edge.flow - inside
        beyond[edge.end] -= edge.flow - inside
        edge.flow = inside
    around: list[list[Step]] = [[] for _ in range(nodes)]
    for edge in edges:
        around[edge.start].append((edge, 1))
        around[edge.end].append((edge, -1))
    while any(beyond) and _sent(around, beyond):
        pass
    if any(beyond):
        for edge, flow in zip(edges, before, strict=True):
            edge.low, edge.high = min(edge.low, flow), max(edge.high, flow)
        while any(beyond) and _sent(around, beyond):
            pass


def _room(edge: Edge, step: int) -> int:
    return edge.high - edge.flow if step == 1 else edge.flow - edge.low


def _sent(around: Sequence[Sequence[Step]], beyond: list[int]) -> bool:
    """Sends what shortest paths have room for; whether that was anything."""
    level = _levels(around, beyond)
    left = [iter(steps) for steps in around]
    found = False
    for node, cents in enumerate(beyond):
        while cents > 0 and (path := _path(node, left, level, beyond)):
            end = _there(path[-1])
            sent = min(cents, -beyond[end], *(_room(*step) for step in path))
            for edge, step in path:
                edge.flow += step * sent
            beyond[end] += sent
            cents -= sent
            found = True
        beyond[node] = cents
    return found


def _there(step: Step) -> int:
    return step[0].end if step[1] == 1 else step[0].start


def _levels(around: Sequence[Sequence[Step]], beyond: Sequence[int]) -> list[int]:
    """Steps from the nearest node with too many cents; -1 where no path leads."""
    level = [0 if cents > 0 else -1 for cents in beyond]
    ahead = deque(node for node, cents in enumerate(beyond) if cents > 0)
    while ahead:
        here = ahead.popleft()
        for edge, step in around[here]:
            there = edge.end if step == 1 else edge.start
            if level[there] < 0 and (edge.flow < edge.high if step == 1 else edge.flow > edge.low):
                level[there] = level[here] + 1
                ahead.append(there)
    return level


def _path(
    node: int, left: Sequence[Iterator[Step]], level: Sequence[int], beyond: Sequence[int]
) -> list[Step]:
    """From the node to one with too few cents, each step a level further; empty where none is.

    `left`: of each node the steps that have not led to a dead end yet.
    """
    path: list[Step] = []
    here = node
    while beyond[here] >= 0 or not path:
        for edge, step in left[here]:
            there = edge.end if step == 1 else edge.start
            if level[there] == level[here] + 1 and _room(edge, step) > 0:
                path.append((edge, step))
                here = there
                break
        else:
            if not path:
                return []
            edge, step = path.pop()
            here = edge.start if step == 1 else edge.end
    return path
