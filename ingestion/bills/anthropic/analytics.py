"""Anthropic's `analytics/cost` and `analytics/usage`: money and use by key and hour.

Amounts are FRACTIONAL CENTS as decimal text ("12.3456789" is $0.123456789), after discount and
before credit. Columns that a query was not grouped by are null.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from ingestion.bills.anthropic.keys import CENT, METERS, TOOLS, claude_keys, meters_of
from ingestion.bills.lines.amounts import RowError, count, currency, exact, product, rounded, text
from ingestion.bills.lines.charge_row import charge, usage_rows
from ingestion.bills.pages.flat_page import FlatFormat, Span
from ingestion.records import Row

COST: Final = "analytics_cost"
USAGE: Final = "analytics_usage"
# Columns that have a place in the contract; the others are told in the description.
_PLACED: Final = frozenset(
    (
        *("api_key_id", "workspace_id", "model", "service_tier", "context_window"),
        *("inference_geo", "speed", "cost_type", "token_type"),
    )
)


def instant(value: Any) -> datetime:
    """Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("not RFC 3339")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("beyond the calendar") from None


def _report_of(rows: Sequence[Mapping[str, Any]]) -> str | None:
    if any("cost" in row for row in rows):
        return COST
    return USAGE if any("usage" in row for row in rows) else None


def _read(row: Mapping[str, Any], report: str) -> tuple[Span, dict[str, str], dict[str, Decimal]]:
    try:
        span = instant(row.get("starting_at")), instant(row.get("ending_at"))
    except ValueError:
        raise RowError("starting_at", "a row without its period") from None
    if span[1] <= span[0]:
        raise RowError("ending_at", "not after starting_at")
    group = row.get("group") or {}
    if not isinstance(group, dict):
        raise RowError("group", "not an object")
    # most of the 22 are null
    filled = {name: _key(group[name], name) for name in sorted(group) if group[name] is not None}
    keys = {name: value for name, value in filled.items() if value is not None}
    return span, keys, _costs(row) if report == COST else _counts(row)


def _key(value: Any, name: str) -> str | None:
    """An actor may be an object: of it the parts that are texts, in a fixed order."""
    if isinstance(value, dict):
        parts = (f"{name}={item}" for name, item in sorted(value.items()) if isinstance(item, str))
        return " ".join(parts) or None
    return text(value, f"group.{name}")


def _costs(row: Mapping[str, Any]) -> dict[str, Decimal]:
    cost = row.get("cost")
    if not isinstance(cost, Mapping):
        raise RowError("cost", "missing" if cost is None else "not an object")
    amount = rounded(product(exact(cost.get("amount"), "cost.amount"), CENT), 12)
    return {currency(cost.get("currency"), "cost.currency"): amount}


def _counts(row: Mapping[str, Any]) -> dict[str, Decimal]:
    usage = row.get("usage")
    if not isinstance(usage, Mapping):
        raise RowError("usage", "missing" if usage is None else "not an object")
    counted = {meter: Decimal(n) for meter, n in meters_of(usage).items()}
    requests = usage.get("requests")
    return counted | {"requests": Decimal(count(requests, "usage.requests"))}


def _rows(
    keys: Mapping[str, str], measures: Mapping[str, Decimal], report: str
) -> tuple[str, list[Row]]:
    placed = claude_keys(keys)
    if report == COST:
        ((code, amount),) = measures.items()
        kind, meter = _kind(keys)
        row = charge(
            kind,
            amount,
            **placed,
            credential_id=keys.get("api_key_id"),
            principal_id=keys.get("actor"),
            charge_description=_described(keys),
            meter=meter,
            billing_currency=code,
        )
        return "charges", [row]
    quantities = {meter: int(n) for meter, n in measures.items() if meter != "requests"}
    return "provider_usage", usage_rows(
        quantities,
        int(measures["requests"]),
        **placed,
        credential_id=keys.get("api_key_id"),
        principal_id=keys.get("actor"),
    )


def _kind(keys: Mapping[str, str]) -> tuple[str, str | None]:
    """Tokens without a token type are of several meters: a charge that names none."""
    cost_type, token_type = keys.get("cost_type"), keys.get("token_type")
    if token_type is not None and cost_type in (None, "tokens"):
        meter = METERS.get(token_type)
        return ("tokens", meter) if meter else ("unparsed", None)
    if cost_type == "tokens":
        return "tokens", None
    return TOOLS.get(cost_type or "", ("unparsed", None))


def _described(keys: Mapping[str, str]) -> str:
    """The row's keys in words: they tell the lines of one hour and key apart."""
    names = ("model", "cost_type", "token_type", "service_tier", "context_window", "speed")
    words = [keys[name] for name in names if name in keys]
    words += [f"{name} {keys[name]}" for name in sorted(keys.keys() - _PLACED)]
    return ", ".join(words) or "Anthropic costs, not grouped"


FLAT: Final = FlatFormat(
    reports=(COST, USAGE),
    report_of=_report_of,
    read=_read,
    rows=_rows,
    never_null=("cost_type",),
    overlapping=("rbac_group_id",),
    free=("cost_type", "token_type"),
    most_columns=5,
    details=("inference_geo", "speed"),
)
