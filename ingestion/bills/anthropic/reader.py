"""Bill format `anthropic`: saved pages of `analytics/cost` and `analytics/usage`, and of the legacy
`cost_report` and `usage_report/messages`.

Legacy costs are CENTS as decimal text ("123.45" is $1.2345), by UTC day and without quantities; the
legacy usage report has the tokens and the API keys.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ingestion.bills.anthropic.analytics import FLAT, instant
from ingestion.bills.anthropic.keys import CENT, METERS, TOOLS, claude_keys, meters_of
from ingestion.bills.anthropic.speed import AgreedSpeed
from ingestion.bills.lines.amounts import currency, exact, product, rounded, text
from ingestion.bills.lines.charge_row import charge, usage_rows, worded_kind
from ingestion.bills.pages.page import PageFormat, Rows
from ingestion.bills.pages.reading import read_pages
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "4"


def read_bill(objects: Mapping[str, bytes], bill: Bill) -> Iterator[tuple[str, Parsed]]:
    """Rows of every page object; raises SourceError for what makes the bill unusable."""
    return read_pages(objects, bill, FORMAT)


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
        return ("description",), ("workspace_id", "inference_geo", "speed")
    nullable = ("api_key_id", "workspace_id", "service_tier", "context_window", "inference_geo")
    return ("model",), (*nullable, "speed", "account_id", "service_account_id")


def _read_result(result: Mapping[str, Any], report: str) -> Rows:
    if report == "cost_report":
        return [("charges", _cost_row(result))]
    return [("provider_usage", row) for row in _usage_rows(result)]


def _cost_row(result: Mapping[str, Any]) -> Row:
    cost = rounded(product(exact(result.get("amount"), "amount"), CENT), 12)
    description = text(result.get("description"), "description")
    kind, meter = _kind(result, description or "")
    return charge(
        kind,
        cost,
        **claude_keys(result),
        sub_account_name=text(result.get("workspace_name"), "workspace_name"),
        charge_description=description or "Anthropic costs, not grouped by description",
        meter=meter,
        billing_currency=currency(result.get("currency"), "currency"),
    )


def _kind(result: Mapping[str, Any], description: str) -> tuple[str, str | None]:
    cost_type = text(result.get("cost_type"), "cost_type")
    if cost_type == "tokens":
        meter = METERS.get(text(result.get("token_type"), "token_type") or "")
        return ("tokens", meter) if meter else ("unparsed", None)
    if cost_type in TOOLS:
        return TOOLS[cost_type]
    # A model's own line is never a credit or a tax, whatever words its name has.
    worded = worded_kind(description) if result.get("model") is None else None
    return worded or "unparsed", None


def _usage_rows(result: Mapping[str, Any]) -> list[Row]:
    principal = result.get("account_id") or result.get("service_account_id")
    return usage_rows(
        meters_of(result),
        None,
        **claude_keys(result),
        credential_id=text(result.get("api_key_id"), "api_key_id"),
        principal_id=text(principal, "account_id"),
    )


FORMAT: Final = PageFormat(
    provider="anthropic",
    start_key="starting_at",
    end_key="ending_at",
    instant=instant,
    report_of=_report_of,
    columns=_columns,
    read_result=_read_result,
    cost_report="cost_report",
    save=(
        "the JSON of GET /v1/organizations/analytics/cost?time_bucket_width=1h with group_by[]"
        " api_key_id, workspace_id, model, service_tier, context_window, cost_type and token_type"
    ),
    flat=FLAT,
    beside=AgreedSpeed,
    # Usage without a key is the Workbench's.
    null_names=(
        ("workspace_id", "sub_account_id", "default"),
        ("api_key_id", "credential_id", "workbench"),
    ),
)
