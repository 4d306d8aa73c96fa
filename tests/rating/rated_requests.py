"""Requests through the real rating: landed, named, priced by the compiled SQL, read back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.contracts import REQUESTS
from ingestion.landing.landing import OBJECTS
from ingestion.prices.book import price_book
from ingestion.prices.model_names import model_names
from ingestion.reference.files import read_reference
from ingestion.vocabulary import METERS
from ingestion.workspace.settings import load_workspace
from orchestration.warehouse.landing_schema import (
    SOURCES,
    models_seen,
    priced_span,
    replace_landing,
    write_table,
)
from orchestration.warehouse.request_files import take_in
from tests.pipeline.compiled_project import CompiledProject

Row = dict[str, Any]

WORKSPACE = """company: Rated
gateways:
  - {name: log, format: generic, location: logs}
"""
LANDED = pa.Table.from_pylist(
    [
        {
            **dict.fromkeys(("object_no", "records", "landed", "quarantined", "foreign"), 0),
            "source": "log",
            "kind": "gateway",
            "batch": 1,
            "object": "requests.jsonl",
            "version": "1",
            "is_current": True,
            "hash": "1",
        }
    ],
    schema=OBJECTS,
)
EVIDENCE = {
    "source": "log",
    "batch": 1,
    "object_no": 0,
    "tokens_estimated": False,
    "status": "success",
    "evidence_rank": 2,
    "attributes": "{}",
}


@dataclass
class Metered:
    quantity: int
    price_id: str | None
    list_cost: Decimal | None
    contracted_cost: Decimal | None


@dataclass
class Rated:
    """A request of fct_requests and its rows of int_request_meters by meter; money in dollars."""

    model: str
    service_tier: str
    usage_date: date
    day_hash: str
    list_cost: Decimal | None
    contracted_cost: Decimal | None
    gateway_cost: Decimal | None
    price_status: str
    meters: dict[str, Metered] = field(default_factory=dict)


def request(key: str, provider: str, model: str, started_at: datetime, **columns: Any) -> Row:
    """A landed request; a column is one of the contract's, or a meter's name with its quantity."""
    quantities = {
        f"{name}_quantity" if name in METERS else name: value for name, value in columns.items()
    }
    return {
        **EVIDENCE,
        "request_key": key,
        "request_id": key,
        "content_hash": key,
        "provider": provider,
        "model_requested": model,
        "started_at": started_at,
        **quantities,
    }


def rate(
    project: CompiledProject,
    folder: Path,
    rows: Iterable[Row],
    csvs: Mapping[str, str] | None = None,
) -> dict[str, Rated]:
    """Rated requests by the key that they landed with.

    `csvs` are reference files, {"prices": "provider,…"}.
    """
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("use warehouse")
        land(connection, rows, reference(folder, csvs or {}))
        project.build(connection, only=parents_of(project, "fct_requests"))
        return dict(rated(connection))


def reference(folder: Path, csvs: Mapping[str, str]) -> dict[str, pa.Table]:
    """The CSVs as a run reads them from a workspace in `folder`."""
    (folder / "reference").mkdir(parents=True, exist_ok=True)
    (folder / "tollbook.yaml").write_text(WORKSPACE)
    for name, text in csvs.items():
        (folder / "reference" / f"{name}.csv").write_text(text)
    return dict(read_reference(load_workspace(folder / "tollbook.yaml")).tables)


def land(
    connection: duckdb.DuckDBPyConnection, rows: Iterable[Row], tables: dict[str, pa.Table]
) -> None:
    """Schema `landing` as a run makes it, the real price book and model names included."""
    said = [{key: value for key, value in row.items() if value is not None} for row in rows]
    numbered = [{**EVIDENCE, **row, "record_no": number} for number, row in enumerate(said)]
    replace_landing(connection, {}, tables | {"objects": LANDED, "sources": SOURCES.empty_table()})
    write_table(connection, "requests", pa.Table.from_pylist(numbered, schema=REQUESTS))
    take_in(connection, "landing.requests", REQUESTS)
    since, until, providers = priced_span(connection)
    prices = price_book(since=since, until=until, providers=providers)
    write_table(connection, "price_book", prices)
    write_table(connection, "model_names", model_names(models_seen(connection)))


def parents_of(project: CompiledProject, name: str) -> set[str]:
    """The model and all that it reads, at any distance."""
    wanted = {name}
    for model in reversed(project.models):
        if model.name in wanted:
            wanted.update(parent.split(".")[-1] for parent in model.parents)
    return wanted


def rated(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, Rated]]:
    meters: dict[str, dict[str, Metered]] = defaultdict(dict)
    landed = dict(
        connection.execute(
            "select rated.request_key, landed.request_key from intermediate.int_requests as rated"
            " join landing.requests as landed using (source, batch, object_no, record_no)"
        ).fetchall()
    )
    for key, meter, quantity, price_id, list_pico, contracted_pico in connection.execute(
        "select request_key, meter, quantity, price_id, list_cost_pico, contracted_cost_pico"
        " from intermediate.int_request_meters"
    ).fetchall():
        assert meter not in meters[key], f"{key}: {meter} is priced twice"
        costs = (
            None if pico is None else pico.scaleb(-12) for pico in (list_pico, contracted_pico)
        )
        meters[key][meter] = Metered(quantity, price_id, *costs)
    for key, *values in connection.execute(
        "select request_key, model, service_tier, usage_date, day_hash, list_cost,"
        " contracted_cost, gateway_cost, price_status from main.fct_requests"
    ).fetchall():
        found = Rated(*values)
        found.meters = meters[key]
        yield landed[key], found


def instant(text: str) -> datetime:
    """ISO text; without a zone it is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
