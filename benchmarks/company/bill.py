"""What the provider bills for the drawn requests: OpenAI's costs by day, and the invoices."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import msgspec

from benchmarks.company.traffic import MODELS
from simulation.bills.pages import Bucket, write_pages

ACCOUNT: Final = "org-bench"
KINDS: Final = ("input", "cached input", "output")
INVOICES: Final = "provider,billing_account,invoice_id,billing_month,amount,currency"
# failed requests have no tokens on the bill
USED: Final = """
select cast(started_at as date) as day, model, sum(uncached), sum(cached), sum(output)
from drawn where status = 'success' group by all order by all
"""
Used = dict[date, list[tuple[str, tuple[int, int, int]]]]


def used(connection: duckdb.DuckDBPyConnection) -> Used:
    """Day -> tokens of each model that was used."""
    days: Used = defaultdict(list)
    for day, model, *tokens in connection.execute(USED).fetchall():
        uncached, cached, output = map(int, tokens)
        days[day].append((model, (uncached, cached, output)))
    return days


def write_bill(folder: Path, name: str, days: Sequence[date], of_days: Used) -> None:
    def bucket(day: date) -> Bucket:
        start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        results = [row for model, tokens in of_days[day] for row in _rows(model, tokens)]
        return {
            "object": "bucket",
            "start_time": start,
            "end_time": start + 86_400,
            "results": results,
        }

    write_pages(folder, name, days, bucket, {"object": "page"})


def write_invoices(file: Path, of_days: Used) -> None:
    """Of every month that has ended, of the cents that its lines come to."""
    months: dict[str, Decimal] = defaultdict(Decimal)
    open_month = f"{max(of_days) + timedelta(days=1):%Y-%m}"
    for day, models in of_days.items():
        if f"{day:%Y-%m}" != open_month:
            for model, tokens in models:
                months[f"{day:%Y-%m}"] += sum(_dollars(model, tokens))
    lines = [
        f"openai,{ACCOUNT},INV-{month},{month},{total.quantize(Decimal('0.01'))},USD"
        for month, total in sorted(months.items())
    ]
    file.write_text("\n".join([INVOICES, *lines, ""]))


def _rows(model: str, tokens: tuple[int, int, int]) -> list[dict[str, Any]]:
    return [
        {
            "object": "organization.costs.result",
            "amount": {"value": msgspec.Raw(f"{dollars:f}".encode()), "currency": "usd"},
            "line_item": f"{model}, {kind}",
            "project_id": "proj-bench",
            "api_key_id": None,
            "quantity": count,
            "quantity_unit": "tokens",
        }
        for kind, count, dollars in zip(KINDS, tokens, _dollars(model, tokens), strict=True)
        if count
    ]


def _dollars(model: str, tokens: tuple[int, int, int]) -> list[Decimal]:
    [prices] = [each.prices for each in MODELS if each.name == model]
    return [Decimal(count * price).scaleb(-12) for count, price in zip(tokens, prices, strict=True)]
