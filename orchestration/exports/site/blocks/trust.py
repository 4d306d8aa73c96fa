"""What a FinOps engineer checks: causes by invoice, owners, what was read, the queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb

from orchestration.cents.largest_remainder import fits, pico, split_cents, unit_of
from orchestration.cents.posted import fetch_rows
from orchestration.exports.site.row_models import OWNERS
from orchestration.exports.site.statement import Statement

# How the same requests look from the price book; they sum to what requests explain.
PRICED: Final[Mapping[str, str]] = {
    "contracted": "At contract prices",
    "rate_variance": "Rate: billed at another price",
    "quantity_variance": "Quantity: billed other than logged",
    "unpriced_cost": "No price known then",
}
MOST_UNPRICED: Final = 20


@dataclass(frozen=True, slots=True)
class Coverage:
    """Contracted cost of a month's requests with and without an owner of the kind."""

    owner: str
    owned: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Query:
    title: str
    sql: str


@dataclass(frozen=True, slots=True)
class Trust:
    """`causes`: name -> cents by invoice. `priced`: the same for PRICED, empty where the parts are
    not the whole. `exact`: column -> exact amount by invoice.
    """

    causes: Mapping[str | None, Sequence[int]]
    priced: Mapping[str, Sequence[int]]
    exact: Mapping[str, Sequence[Decimal | None]]
    coverage: Sequence[Coverage]
    records: Sequence[Mapping[str, Any]]
    unpriced: Sequence[Mapping[str, Any]]
    rules: Sequence[Mapping[str, Any]]
    queries: Sequence[Query]


def read_trust(connection: duckdb.DuckDBPyConnection, statement: Statement) -> Trust:
    rows = fetch_rows(
        connection,
        "SELECT * FROM main.mart_reconciliation_monthly WHERE billing_month = ?"
        " ORDER BY provider, billing_account NULLS LAST",
        statement.month,
    )
    causes = _causes(statement)
    return Trust(
        causes=causes,
        priced=_priced(rows, causes.get(None, []), unit_of(statement.currency)),
        exact=_exact(rows),
        coverage=_coverage(connection, statement.month),
        records=_records(connection, statement.month),
        unpriced=_unpriced(connection, statement.month),
        rules=_rules(connection),
        queries=queries_of(statement.month, statement.basis),
    )


def _causes(statement: Statement) -> dict[str | None, list[int]]:
    """None: what requests explain."""
    places = {
        (invoice.provider, invoice.billing_account): place
        for place, invoice in enumerate(statement.invoices)
    }
    found: dict[str | None, list[int]] = {None: [0] * len(places)}
    for line in statement.now.lines:
        place = places.get((line.provider, line.billing_account))
        if place is not None:
            found.setdefault(line.cause, [0] * len(places))[place] += line.cents
    return found


def _priced(
    rows: Sequence[Mapping[str, Any]], requests: Sequence[int], unit: int
) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {name: [] for name in PRICED}
    for row, cents in zip(rows, requests, strict=True):
        parts = [row[name] for name in PRICED]
        amounts = [pico(part or Decimal()) for part in parts]
        if sum(amounts) != pico(row["requests_cost"]) or not fits(cents, sum(amounts), unit):
            return {}
        for name, cent in zip(PRICED, split_cents(amounts, cents, unit), strict=True):
            found[name].append(cent)
    return found


def _exact(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Decimal | None]]:
    """Amounts of mart_reconciliation_monthly that are not 0 of all invoices."""
    if not rows:
        return {}
    names = list(rows[0])
    shown = names[names.index("requests_cost") : names.index("unexplained")]
    found = {"invoice_amount": [row["invoice_amount"] for row in rows]}
    found |= {name: [row[name] for row in rows] for name in shown if any(row[name] for row in rows)}
    return found | {"unexplained": [row["unexplained"] for row in rows]}


def _coverage(connection: duckdb.DuckDBPyConnection, month: date) -> list[Coverage]:
    owned = ", ".join(
        f"coalesce(sum({owner}_owned_cost), 0)::DECIMAL(38, 12) AS {owner}" for owner in OWNERS
    )
    [row] = fetch_rows(
        connection,
        f"SELECT coalesce(sum(contracted_cost), 0)::DECIMAL(38, 12) AS total, {owned}"
        " FROM main.mart_data_quality_daily"
        " WHERE date_trunc('month', day) = ? AND kind = 'gateway'",
        month,
    )
    return [Coverage(owner, row[owner], row["total"]) for owner in OWNERS]


def _records(connection: duckdb.DuckDBPyConnection, month: date) -> list[dict[str, Any]]:
    return fetch_rows(
        connection,
        "SELECT source, kind, sum(objects)::BIGINT AS objects,"
        " sum(records_read)::BIGINT AS read, sum(records_landed)::BIGINT AS landed,"
        " sum(records_quarantined)::BIGINT AS quarantined,"
        " sum(records_duplicate)::BIGINT AS duplicate"
        " FROM main.mart_data_quality_daily WHERE date_trunc('month', day) = ?"
        " GROUP BY source, kind ORDER BY kind DESC, source",
        month,
    )


def _unpriced(connection: duckdb.DuckDBPyConnection, month: date) -> list[dict[str, Any]]:
    return fetch_rows(
        connection,
        "SELECT provider, model, service_tier, meter, reason, requests, tokens, first_day, last_day"
        " FROM main.mart_unpriced_usage"
        " WHERE last_day >= $1 AND first_day < $1 + INTERVAL 1 MONTH"
        f" ORDER BY queue_rank LIMIT {MOST_UNPRICED}",
        month,
    )


def _rules(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    result = connection.execute(
        "SELECT rule, status, matched_requests, matched_cost FROM main.dim_attribution_rules"
        " ORDER BY rule_rank"
    )
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def queries_of(month: date, basis: str) -> list[Query]:
    """The query behind each number of the pages, as one pastes it."""
    first = f"date '{month}'"
    return [
        Query(
            "Company total and the tie to each invoice",
            "select provider, invoice_id, invoice_amount, allocated, unexplained\n"
            f"from mart_reconciliation_monthly\nwhere billing_month = {first}",
        ),
        Query(
            "Team and feature, of what requests explain",
            f"select team, feature, sum({basis}_cost) as cost\nfrom fct_cost_allocations\n"
            f"where billing_month = {first} and residual_cause is null\n"
            "group by team, feature order by cost desc",
        ),
        Query(
            "What a team is charged",
            "select team, cost_center, phase, status, direct_cost, residual_cost,\n"
            "       shared_cost, correction_cost, total_cost\n"
            f"from mart_chargeback_monthly\nwhere billing_month = {first}",
        ),
        Query(
            "What no request explains",
            f"select residual_cause, provider, credential_id, model, sum({basis}_cost) as cost\n"
            f"from fct_cost_allocations\nwhere billing_month = {first}\n"
            "  and residual_cause is not null\ngroup by all order by cost desc",
        ),
        Query(
            "Daily cost by feature",
            f"select usage_date, feature, sum({basis}_cost) as cost\nfrom fct_cost_allocations\n"
            f"where billing_month = {first} and residual_cause is null\n"
            "group by usage_date, feature order by usage_date, feature",
        ),
        Query(
            "Cost per thousand requests",
            f"select team, feature, 1000 * sum({basis}_cost) / sum(requests) as per_thousand\n"
            f"from mart_showback_monthly\nwhere showback_month = {first} and line_kind = 'owner'\n"
            "group by team, feature having sum(requests) > 0",
        ),
        Query(
            "Because of what it changed",
            "select sum(volume_effect) as requests, sum(feature_mix_effect) as features,\n"
            "       sum(model_mix_effect) as models, sum(tokens_effect) as tokens,\n"
            "       sum(price_effect) as price, sum(unexplained_effect) as without_a_request\n"
            f"from mart_variance_bridge\nwhere billing_month = {first} and scope = 'company'",
        ),
        Query(
            "By customer tier",
            f"select tier, sum(requests) as requests, sum({basis}_cost) as cost\n"
            f"from mart_showback_monthly\nwhere showback_month = {first} and line_kind = 'owner'\n"
            "group by tier order by cost desc",
        ),
        Query(
            "By model",
            f"select model, sum({basis}_cost) as cost, sum(quantity) as quantity\n"
            f"from fct_cost_allocations\nwhere billing_month = {first}\n"
            "  and residual_cause is null\ngroup by model order by cost desc",
        ),
    ]
