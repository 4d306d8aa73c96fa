"""Hand-made accounts through the compiled SQL: allocations and reconciliation by account."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from compiled_project import CompiledProject
from hand_made_account import Account
from random_cases import Row

from ingestion import contracts
from ingestion.landing.landing import OBJECTS
from ingestion.landing.restatements import PRICE_RESTATEMENTS
from ingestion.prices.book import price_book
from ingestion.prices.model_names import model_names
from orchestration.warehouse.landing_schema import (
    SOURCES,
    models_seen,
    priced_span,
    replace_landing,
    write_table,
)
from orchestration.warehouse.request_files import take_in
from tests.rating.rated_requests import reference


@dataclass
class Outcome:
    """Allocations of all accounts; money in dollars."""

    connection: duckdb.DuckDBPyConnection
    failing: list[str]

    def split(self, account: str, columns: str) -> list[tuple[Any, ...]]:
        """`columns` of the account's allocations, in order; `line` is the words of the charge."""
        return self.connection.execute(
            f"select {columns} from main.fct_cost_allocations as allocations left join"
            " (select charge_id, charge_description as line from main.fct_charges)"
            " using (charge_id) where billing_account = $account order by all",
            {"account": account},
        ).fetchall()

    def month(self, account: str, columns: str, month: date | None = None) -> tuple[Any, ...]:
        """`columns` of the account's reconciliation, of its only month unless said otherwise."""
        [row] = self.connection.execute(
            f"select {columns} from main.mart_reconciliation_monthly"
            " where billing_account = $account and ($month is null or billing_month = $month)",
            {"account": account, "month": month},
        ).fetchall()
        return tuple(row)


def outcome_of(
    workspace: Path, folder: Path, accounts: Iterable[Account], csvs: dict[str, str] | None = None
) -> Outcome:
    """Everything built at once. `csvs` are reference files by name."""
    project = CompiledProject(workspace)
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("attach ':memory:' as warehouse")
    connection.execute("use warehouse")
    _land(connection, list(accounts), reference(folder, csvs or {}))
    project.build(connection)
    return Outcome(connection, project.failing(connection))


def _land(
    connection: duckdb.DuckDBPyConnection, accounts: list[Account], tables: dict[str, pa.Table]
) -> None:
    rows: dict[str, list[Row]] = {
        "requests": [row for each in accounts for row in each.requests],
        "charges": [row for each in accounts for row in each.charges],
        "provider_usage": [row for each in accounts for row in each.usage],
        "bill_buckets": [row for each in accounts for row in each.buckets()],
    }
    for name in ("requests", "charges", "provider_usage"):
        rows[name] = [{**row, "record_no": number} for number, row in enumerate(rows[name])]
    landed = tables | {
        "objects": pa.Table.from_pylist(list(_objects(rows)), schema=OBJECTS),
        "sources": pa.Table.from_pylist([_source(each) for each in accounts], schema=SOURCES),
        "price_restatements": PRICE_RESTATEMENTS.empty_table(),
    }
    replace_landing(connection, {}, landed)
    for name, of_all in rows.items():
        schema = contracts.TABLES[name]
        write_table(connection, name, pa.Table.from_pylist(of_all, schema=schema))
    take_in(connection, "landing.requests", contracts.REQUESTS)
    since, until, providers = priced_span(connection)
    book = price_book(since=since, until=until, providers=providers)
    write_table(connection, "price_book", book)
    write_table(connection, "model_names", model_names(models_seen(connection)))


def _source(account: Account) -> Row:
    return {
        "source": f"bill-{account.name}",
        "kind": "bill",
        "format": account.provider,
        "provider": account.provider,
        "billing_account": account.name,
        "role": "bill",
        "status": "ok",
    }


def _objects(rows: dict[str, list[Row]]) -> Iterator[Row]:
    counts: dict[tuple[str, int, int], int] = {}
    for name, of_all in rows.items():
        for row in of_all:
            place = (row["source"], row["batch"], row["object_no"])
            counts[place] = counts.get(place, 0) + (name != "bill_buckets")
    for (source, batch, object_no), count in counts.items():
        kind = "gateway" if source.startswith("log-") else "bill"
        name = f"object-{batch}-{object_no}"
        values = (
            source,
            kind,
            batch,
            object_no,
            name,
            "1",
            count,
            count,
            0,
            f"{source}-{name}",
            0,
            True,
        )
        yield dict(zip(OBJECTS.names, values, strict=True))
