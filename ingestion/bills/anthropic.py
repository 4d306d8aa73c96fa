"""Bill format `anthropic`: saved pages of `cost_report` and `usage_report/messages`.

Costs are CENTS as decimal text ("123.45" is $1.2345), by UTC day and without quantities; the
usage report has the tokens and the API keys.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from ingestion.bills.amounts import RowError, count, currency, exact, product, rounded, text
from ingestion.bills.charge_row import charge, usage_rows, worded_kind
from ingestion.bills.page import PageFormat, Rows
from ingestion.bills.reading import read_pages
from ingestion.records import Parsed, Row
from ingestion.workspace import Bill

READER_VERSION: Final = "2"

_CENT: Final = Decimal("0.01")
_METERS: Final = {
    "uncached_input_tokens": "input",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "output_tokens": "output",
    "server_tool_use.web_search_requests": "web_searches",
}
# cost_type -> (charge_kind, meter) of what is not counted in tokens.
_TOOLS: Final = {
    "web_search": ("tool", "web_searches"),
    "code_execution": ("tool", "code_execution"),
    "session_usage": ("session", None),
}
_TIERS: Final = {"flex_discount": "flex", "priority_on_demand": "priority"}
_BANDS: Final = {"0-200k": "base", "200k-1M": "long"}


def read_bill(objects: Mapping[str, bytes], bill: Bill) -> dict[str, Parsed]:
    """Rows of every page object; raises SourceError for what makes the bill unusable."""
    return read_pages(objects, bill, FORMAT)


def _instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("not RFC 3339")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment.astimezone(UTC)


def _report_of(results: Sequence[Mapping[str, Any]]) -> str | None:
    keys = {key for result in results for key in result}
    # The Enterprise analytics report has this column; it overlaps the bill and is not the bill.
    if "list_amount" in keys:
        return None
    if keys & {"amount", "cost_type"}:
        return "cost_report"
    return "usage_messages" if keys & {"uncached_input_tokens", "output_tokens"} else None


def _columns(report: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if report == "cost_report":
        return ("description",), ("workspace_id", "inference_geo")
    nullable = ("api_key_id", "workspace_id", "service_tier", "context_window", "inference_geo")
    return ("model",), (*nullable, "speed", "account_id", "service_account_id")


def _read_result(result: Mapping[str, Any], report: str) -> Rows:
    if report == "cost_report":
        return [("charges", _cost_row(result))]
    return [("provider_usage", row) for row in _usage_rows(result)]


def _keys(result: Mapping[str, Any]) -> Row:
    """The keys that a cost row and a usage row share, in the contract's words."""
    tier = text(result.get("service_tier"), "service_tier")
    band = text(result.get("context_window"), "context_window")
    region = text(result.get("inference_geo"), "inference_geo")
    return {
        "sub_account_id": text(result.get("workspace_id"), "workspace_id"),
        "model": text(result.get("model"), "model"),
        "service_tier": _TIERS.get(tier, tier) if tier else None,
        "context_band": _BANDS.get(band, band) if band else None,
        "region": None if region == "not_available" else region,
    }


def _cost_row(result: Mapping[str, Any]) -> Row:
    cost = rounded(product(exact(result.get("amount"), "amount"), _CENT), 12)
    description = text(result.get("description"), "description")
    kind, meter = _kind(result, description or "")
    return charge(
        kind,
        cost,
        **_keys(result),
        sub_account_name=text(result.get("workspace_name"), "workspace_name"),
        charge_description=description or "Anthropic costs, not grouped by description",
        meter=meter,
        billing_currency=currency(result.get("currency"), "currency"),
    )


def _kind(result: Mapping[str, Any], description: str) -> tuple[str, str | None]:
    cost_type = result.get("cost_type")
    if cost_type == "tokens":
        meter = _METERS.get(str(result.get("token_type")))
        return ("tokens", meter) if meter else ("unparsed", None)
    if cost_type in _TOOLS:
        return _TOOLS[cost_type]
    # A model's own line is never a credit or a tax, whatever words its name has.
    worded = worded_kind(description) if result.get("model") is None else None
    return worded or "unparsed", None


def _usage_rows(result: Mapping[str, Any]) -> list[Row]:
    """Fast mode (`speed`) is no key of cost_report, so it is none here: both sides must join."""
    meters = {}
    for path, meter in _METERS.items():
        value: Any = result
        for step in path.split("."):
            if value is not None and not isinstance(value, Mapping):
                raise RowError(path, "not an object")
            value = value.get(step) if value else None
        meters[meter] = count(value, path)
    principal = result.get("account_id") or result.get("service_account_id")
    return usage_rows(
        meters,
        None,
        **_keys(result),
        credential_id=text(result.get("api_key_id"), "api_key_id"),
        principal_id=text(principal, "account_id"),
    )


FORMAT: Final = PageFormat(
    provider="anthropic",
    start_key="starting_at",
    end_key="ending_at",
    instant=_instant,
    report_of=_report_of,
    columns=_columns,
    read_result=_read_result,
    cost_report="cost_report",
    # Usage without a key is the Workbench's.
    null_names=(
        ("workspace_id", "sub_account_id", "default"),
        ("api_key_id", "credential_id", "workbench"),
    ),
)
