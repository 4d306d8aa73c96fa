"""The month's money as a flow: invoices and credits, providers, teams and causes, features.

A flow is never negative: what takes away stands as a hollow source beside its invoice.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from orchestration.cents.features import Account, FeatureLine
from orchestration.cents.owners import UNALLOCATED
from orchestration.exports.site.statement import Invoice, Statement
from orchestration.exports.site.wording.names import Names, cause_of, provider_name

MOST_NODES: Final = 12
# Of the flow; a smaller node joins the others of its column.
LEAST_SHARE: Final = 0.002
NEUTRAL, MONEY, REST = "neutral", "money", "rest"


@dataclass(slots=True)
class Node:
    """`paths`: the numbers of the ways whose money it has. `filter`: of the page's rows."""

    key: str
    label: str
    kind: str
    column: int
    is_hollow: bool = False
    filter: str = ""
    cents: int = 0
    paths: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Link:
    start: Node
    end: Node
    cents: int = 0
    paths: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Flow:
    columns: Sequence[Sequence[Node]]
    links: Sequence[Link]
    total: int


class _Graph:
    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.links: dict[tuple[str, str], Link] = {}

    def node(
        self,
        key: str,
        label: str,
        kind: str,
        column: int,
        *,
        is_hollow: bool = False,
        filter: str = "",
    ) -> Node:
        return self.nodes.setdefault(key, Node(key, label, kind, column, is_hollow, filter))

    def flows(self, start: Node, end: Node, cents: int, paths: Iterable[int]) -> None:
        link = self.links.setdefault((start.key, end.key), Link(start, end))
        link.cents += cents
        link.paths.update(paths)


def flow_of(statement: Statement) -> Flow:
    """What takes the same way from an account to a feature is one path."""
    graph = _Graph()
    small = _small(statement, lambda line: line.feature, statement.names.misspelt)
    small_teams = _small(statement, lambda line: line.team, ())
    paths: dict[tuple[str, ...], int] = {}
    of_account: dict[Account, list[int]] = {}
    for line in statement.now.lines:
        if line.amount <= 0:
            continue
        provider = _provider(graph, line)
        middle = _middle(graph, line, statement.names, small_teams)
        is_through = line.feature is not None or line.team != UNALLOCATED
        end = _end(graph, line, statement.names, small) if is_through else None
        account = (line.provider, line.billing_account)
        way = (*map(str, account), middle.key, end.key if end else "")
        path = paths.setdefault(way, len(paths))
        of_account.setdefault(account, []).append(path)
        graph.flows(provider, middle, line.amount, [path])
        if end:
            graph.flows(middle, end, line.amount, [path])
    _sources(graph, statement, of_account)
    return _ordered(graph)


def _provider(graph: _Graph, line: FeatureLine) -> Node:
    return graph.node(f"p:{line.provider}", provider_name(line.provider), NEUTRAL, 1)


def _middle(graph: _Graph, line: FeatureLine, names: Names, small: set[str]) -> Node:
    if line.cause is not None and line.team == UNALLOCATED:
        return graph.node(f"c:{line.cause}", cause_of(line.cause).name, REST, 2)
    if line.team in small:
        return graph.node("other teams", f"{len(small)} other teams", MONEY, 2)
    return graph.node(f"t:{line.team}", names.team(line.team), MONEY, 2, filter=f"team|{line.team}")


def _end(graph: _Graph, line: FeatureLine, names: Names, small: set[str]) -> Node:
    feature = line.feature
    if feature is None:
        return graph.node(f"r:{line.cause}", cause_of(str(line.cause)).name, REST, 3)
    if feature in names.misspelt:
        return graph.node("misspelt", f"{len(names.misspelt)} misspelt names", MONEY, 3)
    if feature in small:
        return graph.node("others", f"{len(small)} others", MONEY, 3)
    return graph.node(f"f:{feature}", names.feature(feature), MONEY, 3, filter=f"feature|{feature}")


def _small(
    statement: Statement, owner: Callable[[FeatureLine], str | None], apart: Collection[str]
) -> set[str]:
    """Owners that join the others of their column, if it is more than one."""
    sums: dict[str, int] = {}
    for line in statement.now.lines:
        name = owner(line)
        if name is not None and name != UNALLOCATED and name not in apart and line.amount > 0:
            sums[name] = sums.get(name, 0) + line.amount
    ranked = sorted(sums, key=lambda name: (-sums[name], name))
    least = LEAST_SHARE * sum(sums.values())
    small = {name for name in ranked if sums[name] < least} | set(ranked[MOST_NODES:])
    return small if len(small) > 1 else set()


def _sources(
    graph: _Graph, statement: Statement, of_account: Mapping[Account, Sequence[int]]
) -> None:
    """What an account's invoice says, and what was taken off; together the provider's money."""
    for invoice in statement.invoices:
        own = [line for line in statement.now.lines if _is_of(line, invoice)]
        paths = of_account.get((invoice.provider, invoice.billing_account), ())
        provider = graph.nodes.get(f"p:{invoice.provider}")
        if provider is None or not paths:
            continue
        account = f"{invoice.provider}:{invoice.billing_account}"
        payable = sum(line.amount for line in own)
        label = invoice.invoice_id or ("Estimate" if invoice.payable is None else account)
        if payable > 0:
            source = graph.node(f"i:{account}", label, NEUTRAL, 0)
            graph.flows(source, provider, payable, paths)
        for line in own:
            if line.amount < 0:
                name = cause_of(line.cause).name if line.cause else "Taken back"
                hollow = graph.node(f"n:{account}:{name}", name, NEUTRAL, 0, is_hollow=True)
                graph.flows(hollow, provider, -line.amount, paths)


def _is_of(line: FeatureLine, invoice: Invoice) -> bool:
    return (line.provider, line.billing_account) == (invoice.provider, invoice.billing_account)


def _ordered(graph: _Graph) -> Flow:
    for link in graph.links.values():
        link.start.paths |= link.paths
        link.end.paths |= link.paths
    for node in graph.nodes.values():
        into = sum(link.cents for link in graph.links.values() if link.end is node)
        out = sum(link.cents for link in graph.links.values() if link.start is node)
        node.cents = max(into, out)
    columns = [
        sorted((node for node in graph.nodes.values() if node.column == column), key=_rank)
        for column in range(4)
    ]
    columns[0] = _beside_their_provider(columns, graph)
    columns[3] = _in_the_order_of_teams(columns, graph)
    total = sum(node.cents for node in columns[1])
    return Flow(columns, list(graph.links.values()), total)


def _rank(node: Node) -> tuple[int, int, str]:
    """Unnamed, misspelt and what no request explains last."""
    late = ("others", "other teams", f"t:{UNALLOCATED}", f"f:{UNALLOCATED}", "misspelt")
    place = 1 + late.index(node.key) if node.key in late else 0
    return (9 if node.kind == REST else place, -node.cents, node.key)


def _beside_their_provider(columns: Sequence[Sequence[Node]], graph: _Graph) -> list[Node]:
    def place(node: Node) -> tuple[int, bool, int, str]:
        end = next(link.end for link in graph.links.values() if link.start is node)
        return (columns[1].index(end), node.is_hollow, -node.cents, node.key)

    return sorted(columns[0], key=place)


def _in_the_order_of_teams(columns: Sequence[Sequence[Node]], graph: _Graph) -> list[Node]:
    def place(node: Node) -> tuple[int, int, int, str]:
        first, *_ = _rank(node)
        largest = max(
            (link for link in graph.links.values() if link.end is node),
            key=lambda link: (link.cents, link.start.key),
        )
        return (first, 0 if first else columns[2].index(largest.start), -node.cents, node.key)

    return sorted(columns[3], key=place)
