"""Bill format `openai`: saved pages of `organization/costs` and `organization/usage/*`.

Costs are dollars as JSON numbers, by UTC day; usage has tokens and no money.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from ingestion.bills.lines.amounts import RowError, currency, exact, product, rounded, text
from ingestion.bills.lines.charge_row import charge
from ingestion.bills.lines.units import unit_of
from ingestion.bills.openai.line_items import UNPARSED, read_line_item
from ingestion.bills.openai.usage import read_usage
from ingestion.bills.pages.page import PageFormat, Rows
from ingestion.bills.pages.reading import read_pages
from ingestion.records import Parsed
from ingestion.workspace.settings import Bill

READER_VERSION: Final = "3"

_OBJECT = re.compile(r"organization\.(costs|usage\.\w+)\.result")


def read_bill(objects: Mapping[str, bytes], bill: Bill) -> Iterator[tuple[str, Parsed]]:
    """Rows of every page object; raises SourceError for what makes the bill unusable."""
    return read_pages(objects, bill, FORMAT)


def _instant(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("not unix seconds")
    return datetime.fromtimestamp(value, UTC)


def _report_of(results: Sequence[Mapping[str, Any]]) -> str | None:
    """`costs` or `usage_<endpoint>`, from the first result that says what it is."""
    for result in results:
        if match := _OBJECT.fullmatch(str(result.get("object"))):
            return match[1].replace(".", "_")
    return "costs" if any("amount" in result for result in results) else None


def _columns(report: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if report == "costs":
        return ("line_item",), ("project_id", "api_key_id", "user_id", "api_source")
    nullable = ("project_id", "api_key_id", "user_id", "service_tier", "api_source")
    return ("model", "batch"), (*nullable, "source", "size", "context_level", "vector_store_id")


def _read_result(result: Mapping[str, Any], report: str) -> Rows:
    if report != "costs":
        return [("provider_usage", row) for row in read_usage(result, report)]
    amount = result.get("amount")
    if not isinstance(amount, Mapping):
        raise RowError("amount", "missing" if amount is None else "not an object")
    cost = rounded(exact(amount.get("value"), "amount.value"), 12)
    line = text(result.get("line_item"), "line_item")
    unit, factor = unit_of(text(result.get("quantity_unit"), "quantity_unit"))
    item = read_line_item(line, unit) if line else UNPARSED
    quantity = _consumed(result, cost, factor)
    row = charge(
        item.kind,
        cost,
        sub_account_id=text(result.get("project_id"), "project_id"),
        sub_account_name=text(result.get("project_name"), "project_name"),
        credential_id=text(result.get("api_key_id"), "api_key_id"),
        principal_id=text(result.get("user_id"), "user_id"),
        charge_description=line or "OpenAI costs, not grouped by line item",
        model=item.model,
        meter=item.meter,
        service_tier=item.service_tier,
        context_band=item.context_band,
        consumed_quantity=quantity,
        consumed_unit=None if quantity is None else unit,
        billing_currency=currency(amount.get("currency"), "amount.currency"),
    )
    return [("charges", row)]


def _consumed(result: Mapping[str, Any], cost: Decimal, factor: Decimal) -> Decimal | None:
    """Quantity in single units (tokens, seconds); None where absent."""
    if result.get("quantity") is None:
        return None
    quantity = exact(result["quantity"], "quantity")
    if quantity < 0 <= cost:
        raise RowError("quantity", "negative quantity of money that is not")
    return rounded(product(quantity, factor), 6)


FORMAT: Final = PageFormat(
    provider="openai",
    start_key="start_time",
    end_key="end_time",
    instant=_instant,
    report_of=_report_of,
    columns=_columns,
    read_result=_read_result,
    cost_report="costs",
    save=(
        "the JSON of GET /v1/organization/costs?group_by=line_item&group_by=project_id"
        "&group_by=api_key_id and of /v1/organization/usage/completions"
    ),
)
