"""Where the money of an owner comes from: a tree from the month down to single requests.

Every node's children sum to it, to the pico-unit; what is not shown stands in one line. An estimate
without a price is in no sum: its requests are counted in every node above it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb

# From the month to the charge: what a node of the level is called. `explained` is one month's
# allocations of the owner that was asked for.
LEVELS: Final[Sequence[tuple[str, str]]] = (
    (
        "account",
        "provider || ' / ' || billing_account"
        " || case cost_basis when 'estimated' then ' (estimated)' else '' end",
    ),
    ("cause", "coalesce(residual_cause, 'explained by requests')"),
    ("model", "model"),
    ("meter", "coalesce(meter, 'no meter')"),
    ("charge", "charge_id"),
    ("cell", "coalesce(cell_id || ' ' || cell_meter, 'no request')"),
)
# The charges, cells and requests of all but the dearest are many and alike.
DEAREST_ONLY: Final = frozenset(("charge", "cell"))


@dataclass(slots=True)
class Node:
    """`amount`: of the basis plus estimated, None where nothing is known; `unpriced_requests`:
    how many requests it is without; `hidden`: children left out, and what they sum to."""

    level: str
    name: str
    amount: Decimal | None
    unpriced_requests: int = 0
    note: str = ""
    children: list["Node"] = field(default_factory=list)
    hidden: int = 0
    hidden_amount: Decimal | None = Decimal(0)


def explain(
    connection: duckdb.DuckDBPyConnection,
    month: date,
    owner: Mapping[str, str],
    top: int | None,
    basis: str = "billed",
) -> Node:
    """The tree of a billing month; `top` children per node, all of them where it is None.

    `basis`: the money that chargeback posts, billed or effective.
    """
    wanted = "".join(f" AND {dimension} = ?" for dimension in owner)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE explained AS"
        f" SELECT *, {basis}_cost + estimated_cost AS amount FROM main.fct_cost_allocations"
        f" WHERE billing_month = ?{wanted}",
        [month, *owner.values()],
    )
    kind, requests = _requests(top)
    connection.execute(
        f"CREATE OR REPLACE TEMP {kind} {requests} AS SELECT costs.request_key,"
        f" costs.request_id, costs.allocation_id, costs.quantity,"
        f" costs.{basis}_cost + costs.estimated_cost AS amount, requests.started_at,"
        f" {_decided_by('feature')} AS feature_by, {_decided_by('team')} AS team_by,"
        " meters.price_id FROM main.fct_request_costs AS costs"
        " JOIN main.fct_requests AS requests"
        " ON costs.request_key = requests.request_key AND costs.usage_date = requests.usage_date"
        " JOIN main.fct_request_meters AS meters"
        " ON costs.request_key = meters.request_key AND costs.usage_date = meters.usage_date"
        " AND costs.meter = meters.meter"
        " WHERE costs.allocation_id IN"
        " (SELECT allocation_id FROM explained WHERE cell_id IS NOT NULL)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE unpriced AS SELECT explained.*, meters.request_key"
        " FROM explained JOIN main.fct_request_meters AS meters"
        " ON explained.cell_id = meters.cell_id AND explained.usage_date = meters.usage_date"
        " AND explained.cell_meter = meters.meter WHERE explained.amount IS NULL"
    )
    [(amount, unpriced)] = connection.execute(
        "SELECT sum(amount), (SELECT count(DISTINCT request_key) FROM unpriced) FROM explained"
    ).fetchall()
    name = " ".join([f"{month:%Y-%m}", *(f"{key}={value}" for key, value in owner.items())])
    root = Node("month", name, amount, unpriced)
    _grow(connection, root, 0, "true", [], top)
    if owner:
        _add_shared(connection, root, month, owner, top)
    return root


def _add_shared(
    connection: duckdb.DuckDBPyConnection,
    root: Node,
    month: date,
    owner: Mapping[str, str],
    top: int | None,
) -> None:
    """What shared costs the owner bears, or gave away, rule by rule; over all owners it is 0."""
    wanted = "".join(f" AND {dimension} = ?" for dimension in owner)
    rows = connection.execute(
        "SELECT rule, sum(amount) FROM main.fct_shared_cost_moves"
        f" WHERE billing_month = ?{wanted} GROUP BY rule ORDER BY abs(sum(amount)) DESC, rule",
        [month, *owner.values()],
    ).fetchall()
    if not rows:
        return
    shared = Node("shared", "shared costs", sum((amount for _, amount in rows), Decimal(0)))
    shared.children = [Node("rule", rule, amount) for rule, amount in rows[:top]]
    _hide(shared, rows[len(shared.children) :])
    root.children.append(shared)
    root.amount = (root.amount or Decimal(0)) + (shared.amount or Decimal(0))


def _grow(
    connection: duckdb.DuckDBPyConnection,
    node: Node,
    depth: int,
    condition: str,
    values: list[Any],
    top: int | None,
) -> None:
    level, name = LEVELS[depth]
    rows = connection.execute(
        f"SELECT {name}, sum(amount) FROM explained WHERE {condition} GROUP BY ALL"
        " ORDER BY abs(sum(amount)) DESC NULLS LAST, 1",
        values,
    ).fetchall()
    unpriced = "SELECT {}, count(DISTINCT request_key) FROM unpriced WHERE {} GROUP BY ALL"
    requests = dict(connection.execute(unpriced.format(name, condition), values).fetchall())
    for shown, (text, amount) in enumerate(rows[:top]):
        child = Node(level, text, amount, requests.get(text, 0))
        node.children.append(child)
        below = f"{condition} AND {name} = ?"
        child.note = note_of(connection, level, below, [*values, text])
        if level in DEAREST_ONLY and shown and top is not None:
            continue
        if depth + 1 < len(LEVELS):
            _grow(connection, child, depth + 1, below, [*values, text], top)
        else:
            _add_requests(connection, child, below, [*values, text], top)
    _hide(node, rows[len(node.children) :])


def _hide(node: Node, rest: Sequence[Sequence[Any]]) -> None:
    node.hidden = len(rest)
    known = [row[1] for row in rest if row[1] is not None]
    node.hidden_amount = sum(known, Decimal(0)) if known or not rest else None


def _requests(top: int | None) -> tuple[str, str]:
    """Kind and name of the relation of requests: all are read once, a few are looked for."""
    return ("TABLE", "every_request") if top is None else ("VIEW", "some_requests")


def _decided_by(dimension: str) -> str:
    """The place that said the owner; of a rule also which one."""
    column = f"requests.{dimension}"
    return f"{column}_source || coalesce(' `' || {column}_rule || '`', '')"


def _add_requests(
    connection: duckdb.DuckDBPyConnection,
    node: Node,
    condition: str,
    values: list[Any],
    top: int | None,
) -> None:
    """The requests of a cell under one charge, each with who decided its owners."""
    rows = connection.execute(
        "SELECT request_id, sum(amount), any_value(quantity), any_value(started_at),"
        " any_value(feature_by), any_value(team_by), any_value(price_id)"
        f" FROM {_requests(top)[1]} WHERE allocation_id IN"
        f" (SELECT allocation_id FROM explained WHERE {condition} AND cell_id IS NOT NULL)"
        " GROUP BY request_key, request_id ORDER BY 2 DESC NULLS LAST, 1",
        values,
    ).fetchall()
    for request, amount, quantity, started, feature, team, price in rows[:top]:
        note = (
            f"{quantity:,} at {started:%Y-%m-%d %H:%M:%S}, feature by {feature}, team by {team},"
            f" list price {price or 'unknown'}"
        )
        node.children.append(Node("request", request, amount, int(amount is None), note))
    _hide(node, rows[len(node.children) :])


def note_of(
    connection: duckdb.DuckDBPyConnection, level: str, condition: str, values: list[Any]
) -> str:
    if level == "charge":
        return _charge_note(connection, values[-1], condition, values)
    if level != "cell":
        return ""
    [row] = connection.execute(
        "SELECT any_value(usage_hour), any_value(credential_id), any_value(match_level),"
        " any_value(allocation_method), sum(quantity), any_value(tier)"
        f" FROM explained WHERE {condition}",
        values,
    ).fetchall()
    hour, credential, match_level, method, quantity, tier = row
    if hour is None:
        return f"{_count(quantity)} without a request"
    return (
        f"{_count(quantity)} in the hour {hour:%Y-%m-%d %H:00},"
        f" credential {credential or 'unknown'}, tier {tier},"
        f" matched by {match_level}, split by {method}"
    )


def _charge_note(
    connection: duckdb.DuckDBPyConnection, charge: str, condition: str, values: list[Any]
) -> str:
    """The line of the bill, and what a million units cost by bill, list and contract."""
    rows = connection.execute(
        "SELECT charge_description, charge_period_start, billed_cost"
        " FROM main.fct_charges WHERE charge_id = ?",
        [charge],
    ).fetchall()
    said = [
        f"{description}, {start:%Y-%m-%d}: {billed.normalize() + 0:f} in all"
        for description, start, billed in rows
    ]
    [(quantity, billed, *estimates)] = connection.execute(
        "SELECT sum(quantity), sum(billed_cost), sum(list_cost), sum(contracted_cost)"
        f" FROM explained WHERE {condition}",
        values,
    ).fetchall()
    said.append(f"{_count(quantity)} here")
    for label, amount in zip(("billed", "list", "contract"), (billed, *estimates), strict=True):
        if amount and quantity:
            said.append(f"{label} {_per_million(amount, quantity)}")
    return "; ".join(said)


def _per_million(amount: Decimal, quantity: Any) -> str:
    price = amount * 1_000_000 / Decimal(quantity)
    return f"{round(price, 6).normalize():f} a million"


def _count(quantity: Any) -> str:
    return "no quantity" if quantity is None else f"{quantity:,.0f} units"
