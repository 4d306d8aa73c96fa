"""Small random companies, each with a billing account of its own, landed as one warehouse."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import duckdb
import pyarrow as pa

from ingestion import contracts
from ingestion.model_names import MODEL_NAMES
from ingestion.prices import PRICE_BOOK
from orchestration.warehouse import SOURCES, replace_landing, write_table

Row = dict[str, Any]

FIRST_DAY = datetime(2026, 10, 1, tzinfo=UTC)
DAYS = 3
MODELS = ("gpt-4o", "gpt-4o-mini")
METERS = ("input", "cache_read", "output")
TIERS = ("standard", "standard", "standard", "batch")
OBJECTS = pa.schema(
    [
        *(("source", pa.string()), ("kind", pa.string()), ("batch", pa.int64())),
        *(("object_no", pa.int32()), ("object", pa.string()), ("version", pa.string())),
        *((name, pa.int64()) for name in ("records", "landed", "quarantined")),
        ("is_current", pa.bool_()),
    ]
)


@dataclass
class Case:
    """One account's requests and bill rows; its number alone decides them."""

    number: int
    requests: list[Row] = field(default_factory=list)
    charges: list[Row] = field(default_factory=list)

    @property
    def account(self) -> str:
        return f"org-{self.number}"

    @property
    def bill(self) -> str:
        return f"bill-{self.number}"


def make_case(number: int) -> Case:
    case, rng = Case(number), Random(f"case {number}")
    # keys that a side may not know
    credentials = rng.choice([("k1", "k2"), ("k1", "k2", None), (None,)])
    projects = rng.choice([("p1",), ("p1", "p2", None), (None,)])
    for index in range(rng.randint(0, 7)):
        case.requests.append(_request(case, rng, index, credentials, projects))
    for index in range(rng.randint(0, 7)):
        case.charges.append(_charge(case, rng, index, credentials, projects))
    return case


def _request(case: Case, rng: Random, index: int, credentials: Any, projects: Any) -> Row:
    hour = rng.choice([0, 0, 1, 9, 13, 22, 23, 23])
    start = FIRST_DAY + timedelta(days=rng.randrange(DAYS), hours=hour, minutes=rng.randrange(60))
    key = f"{case.account}/{index}"
    quantities = {f"{meter}_quantity": rng.choice([None, 0, 1, 7, 40, 90]) for meter in METERS}
    return {
        "source": f"log-{case.number}",
        "content_hash": key,
        "request_key": key,
        "request_id": key,
        "started_at": start,
        "ended_at": start + timedelta(minutes=rng.choice([1, 90])),
        "provider": "openai",
        "account_hint": case.account,
        "sub_account_hint": rng.choice(projects),
        "credential_hint": rng.choice(credentials),
        "model_requested": rng.choice(MODELS),
        "tokens_estimated": False,
        "service_tier": rng.choice(TIERS),
        "status": rng.choice(["success", "success", "success", "failure"]),
        "evidence_rank": 2,
        "attributes": f'{{"tags":{{"feature":"f{rng.randint(1, 2)}"}}}}',
        **quantities,
    }


def _charge(case: Case, rng: Random, index: int, credentials: Any, projects: Any) -> Row:
    start = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
    tokens = rng.random() < 0.9
    sign = -1 if rng.random() < 0.1 else 1
    return {
        "source": case.bill,
        **bucket(case, start),
        "sub_account_id": rng.choice((*projects, "p9")),
        "credential_id": rng.choice((*credentials, "k9")),
        "charge_description": f"line {index}",
        "charge_category": "Usage",
        "charge_kind": "tokens" if tokens else "tool",
        "model": rng.choice(MODELS) if tokens else None,
        "meter": rng.choice(METERS) if tokens else None,
        "service_tier": rng.choice(TIERS) if tokens else None,
        "context_band": "base" if tokens else None,
        "consumed_quantity": Decimal(rng.choice([0, 1, 3, 40, 97, 130])) if tokens else None,
        "consumed_unit": "tokens" if tokens else None,
        "billed_cost_in_billing_currency": Decimal(sign * rng.randrange(10**9)).scaleb(-12),
        "billing_currency": "USD",
        "raw_row": f'{{"line":{index}}}',
    }


def bucket(case: Case, start: datetime) -> Row:
    return {
        "provider": "openai",
        "billing_account": case.account,
        "report": "costs",
        "grouping": "line_item",
        "bucket_start": start,
        "bucket_end": start + timedelta(days=1),
    }


def land(
    connection: duckdb.DuckDBPyConnection,
    cases: Iterable[Case],
    no_reference: dict[str, pa.Table],
    order: Random,
) -> None:
    """Schema `landing` of all cases, rows in an order that `order` decides."""
    rows: dict[str, list[Row]] = {"requests": [], "charges": [], "bill_buckets": []}
    objects: list[Row] = []
    sources: list[Row] = []
    for case in order.sample(list(cases), k=len(list(cases))):
        days = [FIRST_DAY + timedelta(days=day) for day in range(DAYS)]
        buckets = [
            {
                "source": case.bill,
                **bucket(case, day),
                "pull_id": "p",
                "row_count": sum(row["bucket_start"] == day for row in case.charges),
            }
            for day in days
        ]
        for table, of_case in (
            ("requests", case.requests),
            ("charges", case.charges),
            ("bill_buckets", buckets),
        ):
            shuffled = order.sample(of_case, k=len(of_case))
            rows[table] += [
                {**row, "batch": 1, "object_no": 0, "record_no": record_no}
                for record_no, row in enumerate(shuffled)
            ]
        objects.append(_object(f"log-{case.number}", "gateway", len(case.requests)))
        objects.append(_object(case.bill, "bill", len(case.charges)))
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
            "provider": "openai",
            "raw_model": model,
            "model": model,
            "source": "genai-prices",
            "first_seen": FIRST_DAY,
        }
        for model in MODELS
    ]
    reference["model_names"] = pa.Table.from_pylist(names, schema=MODEL_NAMES)
    replace_landing(connection, {}, reference)
    for table, landed in rows.items():
        schema = contracts.TABLES[table]
        write_table(connection, table, pa.Table.from_pylist(landed, schema=schema))


def _object(source: str, kind: str, records: int) -> Row:
    values = (source, kind, 1, 0, "object", "version", records, records, 0, True)
    return dict(zip(OBJECTS.names, values, strict=True))


def _prices() -> list[Row]:
    always = (datetime(2020, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
    values = [
        (
            "openai",
            model,
            meter,
            tier,
            "*",
            0,
            0,
            Decimal(number + 1) / 4,
            *always,
            "test",
            "1",
            None,
        )
        for model in MODELS
        for number, meter in enumerate(METERS)
        for tier in sorted(set(TIERS))
    ]
    return [dict(zip(PRICE_BOOK.names, row, strict=True)) for row in values]
