"""Lands random companies as one warehouse, rows in any order, once or twice."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import duckdb
import pyarrow as pa
from random_cases import DAYS, FIRST_DAY, LONG_ABOVE, METERS, MODELS, TIERS, Case, Row, bucket
from random_invoices import invoices_of

from ingestion import contracts
from ingestion.landing.landing import OBJECTS
from ingestion.landing.restatements import PRICE_RESTATEMENTS
from ingestion.prices.book import PRICE_BOOK
from ingestion.prices.model_names import MODEL_NAMES
from orchestration.warehouse.landing_schema import SOURCES, replace_landing, write_table
from orchestration.warehouse.request_files import take_in


def land(
    connection: duckdb.DuckDBPyConnection,
    cases: Iterable[Case],
    no_reference: dict[str, pa.Table],
    order: Random,
    *,
    again: bool = False,
) -> None:
    """Schema `landing` of all cases, rows in an order that `order` decides.

    `again`: every record is delivered twice, and the bills were pulled before, with other money,
    and once more after.
    """
    rows: dict[str, list[Row]] = {
        "requests": [],
        "charges": [],
        "provider_usage": [],
        "bill_buckets": [],
    }
    objects: list[Row] = []
    sources: list[Row] = []
    everyone = list(cases)
    for case in order.sample(everyone, k=len(everyone)):
        for batch in (0, 1, 2) if again else (1,):
            landed = _delivery(case, batch)
            for table, of_case in landed.items():
                shuffled = order.sample(of_case, k=len(of_case))
                # charges and usage are records of one object
                first = len(landed["charges"]) if table == "provider_usage" else 0
                rows[table] += [
                    {**row, "batch": batch, "object_no": 0, "record_no": record_no}
                    for record_no, row in enumerate(shuffled, start=first)
                ]
            objects.append(_object(f"log-{case.number}", "gateway", batch, landed["requests"]))
            billed = [*landed["charges"], *landed["provider_usage"]]
            objects.append(_object(case.bill, "bill", batch, billed))
        sources.append(
            {"source": case.bill, "kind": "bill", "format": "openai", "provider": "openai",
             "billing_account": case.account, "role": "bill", "status": "ok"}
        )  # fmt: skip
    reference = dict(no_reference)
    reference["objects"] = pa.Table.from_pylist(objects, schema=OBJECTS)
    reference["sources"] = pa.Table.from_pylist(sources, schema=SOURCES)
    reference["price_book"] = pa.Table.from_pylist(_prices(), schema=PRICE_BOOK)
    names = [
        {
            **dict.fromkeys(("raw_model", "model"), model),
            "provider": "openai",
            "source": "genai-prices",
            "first_seen": FIRST_DAY,
        }
        for model in MODELS
    ]
    reference["model_names"] = pa.Table.from_pylist(names, schema=MODEL_NAMES)
    paper = [row for case in everyone for row in invoices_of(case)]
    reference["invoices"] = pa.Table.from_pylist(paper, schema=no_reference["invoices"].schema)
    reference["price_restatements"] = PRICE_RESTATEMENTS.empty_table()
    replace_landing(connection, {}, reference)
    for table, of_all in rows.items():
        schema = contracts.TABLES[table]
        write_table(connection, table, pa.Table.from_pylist(of_all, schema=schema))
    take_in(connection, "landing.requests", contracts.REQUESTS)


def _delivery(case: Case, batch: int) -> dict[str, list[Row]]:
    """Batch 0 is history: a pull of another bill, and no log. Batches 1 and 2 say the same."""
    charges = case.charges
    if batch == 0:
        charges = [
            {**row, "billed_cost_in_billing_currency": Decimal(1), "raw_row": "{}"}
            for row in charges[1:]
        ]
    return {
        "requests": case.requests if batch else [],
        "charges": charges,
        "provider_usage": case.usage,
        "bill_buckets": _buckets(case, batch, [*charges, *case.usage]),
    }


def _buckets(case: Case, batch: int, rows: list[Row]) -> list[Row]:
    """Every period that the bill can have, with rows or not, and those of the usage report."""
    counted: Counter[tuple[str, str, datetime]] = Counter()
    days = [FIRST_DAY + timedelta(days=day) for day in range(DAYS)]
    hours = [day + timedelta(hours=hour) for day in days for hour in range(24)]
    for start in days if case.width == timedelta(days=1) else hours:
        counted["costs", "line_item", bucket(case, start)["bucket_start"]] = 0
    for row in rows:
        counted[row["report"], row["grouping"], row["bucket_start"]] += 1
    return [
        {
            "source": case.bill,
            "provider": "openai",
            "billing_account": case.account,
            "report": report,
            "grouping": grouping,
            "bucket_start": start,
            "bucket_end": start + case.width,
            "pull_id": f"p{batch}",
            "pulled_at": FIRST_DAY + timedelta(days=DAYS + batch),
            "row_count": count,
        }
        for (report, grouping, start), count in counted.items()
    ]


def _object(source: str, kind: str, batch: int, rows: list[Row]) -> Row:
    count = len(rows)
    values = (
        source,
        kind,
        batch,
        0,
        f"object-{batch}",
        "version",
        count,
        count,
        0,
        f"{source}-{batch}",
        0,
        True,
    )
    return dict(zip(OBJECTS.names, values, strict=True))


def _prices() -> list[Row]:
    always = (datetime(2020, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
    values = [
        (
            *("openai", model, meter, tier, "*", above, 0),
            *(Decimal(number + 1) / (2 if above else 4), *always, "test", "1", None),
        )
        for model in MODELS
        for number, meter in enumerate(METERS)
        for tier in sorted({tier for tier in TIERS if tier})
        for above in (0, LONG_ABOVE)
    ]
    return [dict(zip(PRICE_BOOK.names, row, strict=True)) for row in values]
