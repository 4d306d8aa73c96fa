"""Bill format `openai`: saved pages of `organization/costs` and `organization/usage/*`.

Costs are dollars as JSON numbers, by UTC day; usage has tokens and no money.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from ingestion.bills.openai.costs import cost_row
from ingestion.bills.openai.usage import read_usage
from ingestion.bills.pages.page import PageFormat, Rows
from ingestion.bills.pages.reading import read_pages
from ingestion.records import Parsed
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "4"

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
    return [("charges", cost_row(result))]


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
