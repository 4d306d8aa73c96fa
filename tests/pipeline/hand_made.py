"""Hand-made accounts: what was logged and billed, through the compiled SQL, read back by account."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from compiled_project import CompiledProject
from random_cases import Row
from random_landing import OBJECTS

from ingestion import contracts
from ingestion.model_names import model_names
from ingestion.price_restatements import PRICE_RESTATEMENTS
from ingestion.prices import price_book
from orchestration.warehouse import (
    SOURCES,
    models_seen,
    priced_span,
    replace_landing,
    write_table,
)
from tests.rating.rated_requests import instant, reference

DAY = "2026-10-01"
MODEL = {"openai": "gpt-4o", "anthropic": "claude-opus-4-5"}


@dataclass
class Account:
    """One billing account of one provider, with a log and a bill of its own.

    A key is `k1` on both sides unless said otherwise. `pulls` numbers when a bill row was pulled.
    """

    name: str
    provider: str = "openai"
    requests: list[Row] = field(default_factory=list)
    charges: list[Row] = field(default_factory=list)
    usage: list[Row] = field(default_factory=list)
    empty: list[Row] = field(default_factory=list)

    def logged(self, at: str, tokens: int | None, **columns: Any) -> "Account":
        key = f"{self.name}/{len(self.requests)}"
        moment = instant(at)
        self.requests.append(
            {
                **{"source": f"log-{self.name}", "batch": 1, "object_no": 0},
                **dict.fromkeys(("request_key", "request_id", "content_hash"), key),
                **{"provider": self.provider, "model_requested": MODEL[self.provider]},
                **{"started_at": moment, "ended_at": moment, "service_tier": "standard"},
                **{"tokens_estimated": False, "status": "success", "evidence_rank": 2},
                **{"attributes": '{"tags": {}}', "account_hint": self.name},
                **{"credential_hint": "k1", "input_quantity": tokens},
            }
            | columns
        )
        return self

    def billed(
        self,
        day: str,
        money: str,
        tokens: str | int | None = None,
        *,
        end: str | None = None,
        pull: int = 1,
        **columns: Any,
    ) -> "Account":
        self.charges.append(
            {
                **self._bucket("costs", day, end, pull),
                **{"charge_description": "input", "charge_category": "Usage"},
                **{"charge_kind": "tokens", "model": MODEL[self.provider], "meter": "input"},
                **{"credential_id": "k1" if self.provider == "openai" else None},
                **{"service_tier": "standard", "context_band": "base"},
                **{"consumed_quantity": None if tokens is None else Decimal(tokens)},
                **{"consumed_unit": None if tokens is None else "tokens"},
                **{"billed_cost_in_billing_currency": Decimal(money), "billing_currency": "USD"},
                **{"raw_row": f'{{"line": {len(self.charges)}}}'},
            }
            | columns
        )
        return self

    def reported(
        self, day: str, credential: str, tokens: int, *, end: str | None = None, **columns: Any
    ) -> "Account":
        """A row of the provider's own usage report."""
        self.usage.append(
            {
                **self._bucket("usage_messages", day, end, 1),
                **{"credential_id": credential, "model": MODEL[self.provider], "meter": "input"},
                **{"service_tier": "standard", "context_band": "base", "quantity": tokens},
                **{"raw_row": "{}"},
            }
            | columns
        )
        return self

    def emptied(self, day: str, *, pull: int) -> "Account":
        """A pull that says that nothing was billed on a day."""
        self.empty.append(self._bucket("costs", day, None, pull))
        return self

    def buckets(self) -> Iterator[Row]:
        """Every period of every pull once, with its number of rows."""
        counted: dict[str, Row] = {}
        for row, count in (
            *((row, 1) for row in (*self.charges, *self.usage)),
            *((row, 0) for row in self.empty),
        ):
            bucket = {name: row[name] for name in self._bucket("", DAY, None, 1)}
            found = counted.setdefault(repr(bucket), {**bucket, "row_count": 0})
            found["row_count"] += count
        for bucket in counted.values():
            pulled = datetime(2027, 1, bucket["batch"], tzinfo=UTC)
            yield {**bucket, "pull_id": f"p{bucket['batch']}", "pulled_at": pulled, "record_no": 0}

    def _bucket(self, report: str, start: str, end: str | None, pull: int) -> Row:
        begin = instant(start)
        return {
            **{"source": f"bill-{self.name}", "batch": pull, "object_no": len(report)},
            **{"provider": self.provider, "billing_account": self.name},
            **{"report": report, "grouping": "line_item", "bucket_start": begin},
            **{"bucket_end": instant(end) if end else begin + timedelta(days=1)},
        }


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
            f"select {columns} from main.mart_reconciliation_monthly where billing_account = $account"
            " and ($month is null or billing_month = $month)",
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
    since, until, providers = priced_span(connection)
    book = price_book(since=since, until=until, providers=providers)
    write_table(connection, "price_book", book)
    write_table(connection, "model_names", model_names(models_seen(connection)))


def _source(account: Account) -> Row:
    return {
        **{"source": f"bill-{account.name}", "kind": "bill", "format": account.provider},
        **{"provider": account.provider, "billing_account": account.name},
        **{"role": "bill", "status": "ok"},
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
        values = (source, kind, batch, object_no, name, "1", count, count, 0, True)
        yield dict(zip(OBJECTS.names, values, strict=True))
