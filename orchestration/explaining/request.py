"""What one request cost on the bill and why: its meters, prices, charges and owners, as a tree.

A request is found by its key or by any id that a log gives it; those that share an id all stand
below one root. Amounts of the children sum to their node, to the pico-unit.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import duckdb

from ingestion.vocabulary import TEAM_FIRST
from ingestion.workspace.settings import WorkspaceError
from orchestration.explaining.owner import Node

IDS: Final = ("request_id", "call_id", "provider_request_id", "request_key")
DECIDED: Final = ", ".join(f"{name}, {name}_source, {name}_rule" for name in TEAM_FIRST)
REQUESTS: Final = f"""
    SELECT
        request_key, request_id, usage_date, started_at, provider, billing_account, model,
        model_source, raw_model, service_tier, status, attempt_role, cache_layer, price_status,
        tokens_estimated, region, deployment_id, gateway_key_alias, credential_id, {DECIDED}
    FROM main.fct_requests
    WHERE {" OR ".join(f"{name} = $id" for name in IDS)}
    ORDER BY started_at, request_key
"""
METERS: Final = """
    SELECT
        meters.meter, meters.quantity, meters.price_id, meters.list_cost, meters.contracted_cost,
        prices.list_unit_price_per_million AS list_price,
        prices.contracted_unit_price_per_million AS contracted_price
    FROM main.fct_request_meters AS meters
    LEFT JOIN main.dim_prices AS prices ON meters.price_id = prices.price_id
    WHERE meters.request_key = $key AND meters.usage_date = $day
    ORDER BY meters.meter
"""
# The view splits whole allocations: those of the request's cells are all that it needs to look at.
SHARES: Final = """
    SELECT
        costs.meter, costs.charge_id, costs.cost_basis, costs.billed_cost, costs.effective_cost,
        costs.estimated_cost, allocations.match_level, allocations.allocation_method,
        allocations.quantity AS allocated_quantity, charges.charge_description,
        charges.charge_period_start, charges.billed_cost AS charge_cost
    FROM main.fct_request_costs AS costs
    JOIN main.fct_cost_allocations AS allocations USING (allocation_id)
    LEFT JOIN main.fct_charges AS charges ON costs.charge_id = charges.charge_id
    WHERE costs.request_key = $key AND costs.allocation_id IN (
        SELECT allocation_id FROM main.fct_cost_allocations WHERE cell_id IN (
            SELECT cell_id FROM main.fct_request_meters
            WHERE request_key = $key AND usage_date = $day
        )
    )
    ORDER BY costs.meter, costs.cost_basis, costs.charge_id
"""
UNPRICED: Final = """
    SELECT meter, min(reason) AS reason FROM main.mart_unpriced_usage
    WHERE provider = $provider AND model = $model AND service_tier = $tier
        AND $day BETWEEN first_day AND last_day
    GROUP BY meter
"""
REASONS: Final[Mapping[str, str]] = {
    "unknown_model": "the price book does not know the model",
    "unknown_region": "the price book has the model in other regions only",
    "unknown_tier": "the price book has other service tiers of the model only",
    "unknown_meter": "the price book has other meters of the model only",
    "before_first_price": "it is before the first price",
    "after_last_price": "it is after the last price",
    "gap": "it is between two prices",
    "not_sold": "prices.csv says that it has none",
    "contract_only": "a contract has one, no list",
    "tokens_unknown": "nobody told what was used",
}
Row = Mapping[str, Any]


def explain_request(connection: duckdb.DuckDBPyConnection, wanted: str, basis: str) -> Node:
    """Every request of that id, `basis` (billed or effective) being what chargeback posts."""
    requests = _rows(connection, REQUESTS, {"id": wanted})
    if not requests:
        raise WorkspaceError(
            f"no request has the id {wanted}, neither as request, call or provider request id nor"
            ' as key: `tollbook query "select request_id from fct_requests"` lists them'
        )
    nodes = [_request(connection, request, basis) for request in requests]
    count = f"{len(nodes)} request{'' if len(nodes) == 1 else 's'}"
    return Node(
        *("id", wanted, _sum(nodes), sum(node.unpriced_requests for node in nodes), count),
        children=nodes,
    )


def _request(connection: duckdb.DuckDBPyConnection, request: Row, basis: str) -> Node:
    values = {"key": request["request_key"], "day": request["usage_date"]}
    meters = _rows(connection, METERS, values)
    shares = _rows(connection, SHARES, values)
    reasons = dict(
        connection.execute(
            UNPRICED,
            {
                "provider": request["provider"],
                "model": request["model"],
                "tier": request["service_tier"],
                "day": request["usage_date"],
            },
        ).fetchall()
    )
    cost = f"{basis}_cost"
    children = [
        _meter(
            meter,
            [share for share in shares if share["meter"] == meter["meter"]],
            reasons.get(meter["meter"]),
            cost,
        )
        for meter in meters
    ]
    amount = _sum(children) if children else _without_meters(request)
    unpriced = int(any(child.amount is None for child in children) or amount is None)
    node = Node("request", request["request_id"], amount, unpriced, _facts(request))
    node.children = [*children, *_why(request), *_owners(request)]
    return node


def _without_meters(request: Row) -> Decimal | None:
    return None if request["price_status"] == "unpriced" else Decimal(0)


def _facts(request: Row) -> str:
    account = request["billing_account"] or "unknown account"
    model = request["model"]
    if request["raw_model"] != model:
        model = f"{model} ({request['raw_model']}, by {request['model_source']})"
    facts = [
        f"{request['started_at']:%Y-%m-%d %H:%M:%S} UTC",
        f"{request['provider']} / {account}",
        str(model),
        f"tier {request['service_tier']}",
        f"credential {request['credential_id'] or 'unknown'}",
        f"{request['attempt_role'] or 'attempt'}, {request['status']}",
        f"key {request['request_key']}",
    ]
    return "; ".join(facts)


def _meter(meter: Row, shares: Sequence[Row], reason: str | None, cost: str) -> Node:
    """A meter, what it would cost by list and contract, and each charge that it is a part of."""
    said = [f"{meter['quantity']:,} units"]
    if meter["price_id"] is None:
        why = REASONS.get(reason or "", "the price book has none for it")
        said.append(f"no list price: {why}")
    for label in ("list", "contracted"):
        price, amount = meter[f"{label}_price"], meter[f"{label}_cost"]
        if amount is not None:
            each = "" if price is None else f" at {_plain(price)} a million"
            said.append(f"{label} {_plain(amount)}{each}")
    if meter["price_id"] is not None:
        said.append(f"price {meter['price_id']}")
    children = [_share(share, cost) for share in shares]
    amount = _sum(children) if children else Decimal(0)
    if not children:
        children = [Node("note", "no line of the bill, and no estimate, has these units", None)]
    return Node("meter", meter["meter"], amount, int(amount is None), "; ".join(said), children)


def _share(share: Row, cost: str) -> Node:
    """What of an allocation the request has, and how the allocation came to be."""
    if share["cost_basis"] == "estimated":
        why = "estimated: no bill of that account and day yet"
        if share["estimated_cost"] is None:
            why += ", and no price to estimate by"
        return Node("charge", share["charge_id"], share["estimated_cost"], note=why)
    level = share["match_level"]
    if level == "before_since":
        why = "before the first day that is attributed (`since` in tollbook.yaml)"
        return Node("charge", share["charge_id"] or "no charge", share[cost], note=why)
    if level == "none":
        why = (
            "unmatched: no line of the bill has its keys and units left, it was logged, not billed"
        )
        return Node("charge", share["charge_id"] or "no charge", share[cost], note=why)
    said = []
    if share["charge_description"] is not None:
        billed = _plain(share["charge_cost"])
        day = f"{share['charge_period_start']:%Y-%m-%d}"
        said.append(f"{share['charge_description']}, {day}: {billed} in all")
    said.append(f"matched by {level}, split by {share['allocation_method']}")
    return Node("charge", share["charge_id"] or "no charge", share[cost], note="; ".join(said))


def _why(request: Row) -> list[Node]:
    """What is unusual about its cost."""
    told = []
    if request["price_status"] == "cached":
        told.append(
            f"answered by the gateway's cache ({request['cache_layer']}): nothing was billed"
        )
    elif request["price_status"] == "unpriced":
        told.append("unpriced: a part of it has no list price, which is unknown and not free")
    elif request["price_status"] == "free":
        told.append("free: its prices are 0")
    if request["tokens_estimated"]:
        told.append("its tokens are the gateway's estimate")
    if request["status"] != "success":
        told.append(f"it ended as {request['status']}; providers bill what they answered")
    return [Node("note", text, None) for text in told]


def _owners(request: Row) -> list[Node]:
    nodes = []
    for name in TEAM_FIRST:
        rule = request[f"{name}_rule"]
        by = request[f"{name}_source"] or "none"
        place = f"by {by}{f' `{rule}`' if rule else ''}"
        nodes.append(Node("owner", f"{name} {request[name]}", None, note=place))
    return nodes


def _sum(nodes: Sequence[Node]) -> Decimal | None:
    """Of what is known; None where nothing is."""
    known = [node.amount for node in nodes if node.amount is not None]
    return sum(known, Decimal()) if known or not nodes else None


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize() + 0:f}"


def _rows(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    found = connection.execute(sql, values)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
