"""Schema `landing` of the warehouse: what dbt reads, made anew before every build."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from ingestion.contracts import MONEY, TABLES
from ingestion.prices.model_names import SeenModel
from ingestion.reference.rules.parts import DETAILS
from ingestion.reference.rules.places import CONDITIONS, HASH, with_hashes
from ingestion.reference.tables import TABLES as REFERENCE_TABLES
from ingestion.workspace.formats import gateway_kind
from ingestion.workspace.settings import Workspace, WorkspaceError
from ingestion.workspace.sources import Bill
from orchestration.running.source_states import SourceState, sources_of
from orchestration.warehouse.billed_accounts import accounts_of_bills
from orchestration.warehouse.built_days import forget_days, prepare_days
from orchestration.warehouse.built_months import prepare_months
from orchestration.warehouse.context_files import keep_up_contexts
from orchestration.warehouse.empty_ledger import prepare_ledger
from orchestration.warehouse.gateway_entries import said_by_entry
from orchestration.warehouse.parquet_days import file_list
from orchestration.warehouse.request_files import OF_ROWS, all_rows, keep_up

SOURCES: Final = pa.schema(
    [
        ("source", pa.string()),
        ("kind", pa.string()),
        ("format", pa.string()),
        ("provider", pa.string()),
        ("billing_account", pa.string()),
        ("role", pa.string()),
        ("status", pa.string()),
        ("message", pa.string()),
        # what a gateway's entry says for its requests; credential_globs: NULL where it says
        # nothing, empty for `none`
        ("sub_account", pa.string()),
        ("credential_id", pa.string()),
        ("credential_globs", pa.string()),
        ("region", pa.string()),
        # a place in SEEN_FROM
        ("seen_from", pa.int32()),
        ("same_call_milliseconds", pa.int32()),
    ]
)
# Days of requests as readers of the marts have them, with the hash they were published under.
PUBLISHED_DAYS: Final = pa.schema([("usage_date", pa.date32()), ("day_hash", pa.string())])
PUBLISHED_METERS: Final = "published_request_meters"
# What a restatement compares; an earlier release published no unit prices.
PUBLISHED_COLUMNS: Final = pa.schema(
    [
        ("request_key", pa.string()),
        ("usage_date", pa.date32()),
        ("meter", pa.string()),
        ("quantity", pa.int64()),
        ("price_id", pa.string()),
        ("list_unit_price_per_million", MONEY),
        ("contracted_unit_price_per_million", MONEY),
        ("list_cost", MONEY),
        ("contracted_cost", MONEY),
    ]
)
# Requests that earlier releases kept in the warehouse: their space is used again.
_OF_EARLIER_RELEASES: Final = (
    *("int_requests", "int_request_meters", "int_volume_uses", "int_request_meters_before"),
    "int_requests_kept",
)
_BY_DAY: Final = ("int_rule_values", "int_record_days", "int_record_exceptions")
REQUESTS: Final = "requests"
# Tables of schema `landing` that do not come from landed files.
OTHER_TABLES: Final = (
    *("objects", "sources", "price_book", "model_names", "price_restatements", "published_days"),
    *REFERENCE_TABLES,
    *DETAILS,
    "standing_limits",
)
# Views on the landed requests that a build is about, of no file before it says of which.
REQUESTS_OF_SOME_FILES: Final = ("requests_to_decide", "requests_in_hand")
# The same of what records say of requests in other objects.
CONTEXT_IN_HAND: Final = "context_in_hand"
# Of schema `seen`, which dbt reads in its place.
KEPT_TABLES: Final = ("request_days", "decided_days", "context_days")
LANDING_TABLES: Final = (
    *(*TABLES, *REQUESTS_OF_SOME_FILES, CONTEXT_IN_HAND, PUBLISHED_METERS),
    *(*KEPT_TABLES, *OF_ROWS, *OTHER_TABLES),
)
# deployments.csv and capacity.csv may say that a log's provider is another one, a gateway's entry
# what a log leaves out; models.csv names models as well.
MODELS_SEEN: Final = """
    WITH logged AS (
        SELECT
            coalesce(provider, '__unknown__') AS provider, min(started_from) AS moment, name
        FROM (SELECT provider, started_from, unnest(names) AS name FROM seen.request_models)
        GROUP BY ALL
    ),
    named AS (
        SELECT * FROM logged
        UNION ALL
        SELECT DISTINCT deployments.provider, logged.moment, logged.name
        FROM (SELECT name, min(moment) AS moment FROM logged GROUP BY name) AS logged
        CROSS JOIN (
            SELECT provider FROM landing.deployments
            UNION SELECT coalesce(provider, 'own') FROM landing.capacity
            UNION SELECT provider FROM landing.sources WHERE kind = 'gateway'
        ) AS deployments
        WHERE deployments.provider IS NOT NULL
        UNION ALL SELECT provider, bucket_start, model FROM landing.charges
        UNION ALL SELECT provider, bucket_start, model FROM landing.provider_usage
        UNION ALL SELECT provider, NULL, model FROM landing.models
        UNION ALL SELECT coalesce(sources.provider, 'own'), counters.sampled_at, counters.model
        FROM landing.counters AS counters
        INNER JOIN landing.sources AS sources ON counters.source = sources.source
    )
    SELECT provider, lower(trim(name)) AS raw_model, min(moment)
    FROM named
    WHERE trim(name) <> ''
    GROUP BY ALL
    ORDER BY ALL
"""


def open_warehouse(
    path: Path, config: Mapping[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    """Read-write; raises WorkspaceError where another program has it or it is no DuckDB file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(path, config=dict(config or {}))
        # who used what is for its owner alone; marts are what others read
        path.chmod(0o600)
        return connection
    except duckdb.Error as error:
        if "lock" in str(error):
            raise WorkspaceError(
                f"{path}: another program has the warehouse open: close it ({error})"
            ) from error
        raise WorkspaceError(
            f"{path}: cannot be opened ({error}): remove it, a run builds it anew"
        ) from error
    except OSError as error:
        raise WorkspaceError(f"{path}: {error.strerror}: make its folder writable") from error


def replace_landing(
    connection: duckdb.DuckDBPyConnection,
    files: Mapping[str, list[Path]],
    tables: Mapping[str, pa.Table],
) -> None:
    """All of schema `landing` in one transaction: views on `files`, what those of requests hold,
    and `tables`.

    Of PUBLISHED_METERS the files are those of one publish.
    """
    published = files.get(PUBLISHED_METERS, [])
    named = [{"usage_date": _day(file), "day_hash": file.stem} for file in published]
    days = pa.Table.from_pylist(named, schema=PUBLISHED_DAYS)
    prepare_days(connection)
    prepare_months(connection)
    prepare_ledger(connection)
    connection.execute("BEGIN")
    try:
        connection.execute("DROP SCHEMA IF EXISTS landing CASCADE")
        connection.execute("CREATE SCHEMA landing")
        for name, schema in TABLES.items():
            if name != REQUESTS:
                # files that landed under an older contract lack its newer columns
                _view_on(connection, name, schema, files.get(name, []), "union_by_name = true")
        _requests(connection, files.get(REQUESTS, []))
        keep_up_contexts(connection, files.get("request_context", []), TABLES["request_context"])
        for name in OF_ROWS:
            connection.execute(f"CREATE VIEW landing.{name} AS SELECT * FROM seen.{name}")
        for view in REQUESTS_OF_SOME_FILES:
            connection.execute(f"CREATE VIEW landing.{view} AS SELECT * FROM seen.columns")
        connection.execute(
            f"CREATE VIEW landing.{CONTEXT_IN_HAND} AS SELECT * FROM seen.context_columns"
        )
        # of one release; to compare the columns of them all would open each
        _view_on(connection, PUBLISHED_METERS, PUBLISHED_COLUMNS, published)
        default = {"sources": SOURCES.empty_table(), "published_days": days}
        for name, rows in {**default, **tables}.items():
            if name in OTHER_TABLES:
                write_table(connection, name, _hashed(name, rows))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _requests(connection: duckdb.DuckDBPyConnection, files: list[Path]) -> None:
    """What landed files of requests hold, and their rows."""
    keep_up(connection, files, TABLES[REQUESTS])
    if files:
        view = f"CREATE VIEW landing.{REQUESTS} AS SELECT * FROM {all_rows(connection)}"
        connection.execute(view)
    else:
        write_table(connection, REQUESTS, TABLES[REQUESTS].empty_table())


def _view_on(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    schema: pa.Schema,
    files: list[Path],
    *options: str,
) -> None:
    """The columns of `schema` in its order, and what more the files have; no file is no row."""
    if not files:
        write_table(connection, name, schema.empty_table())
        return
    write_table(connection, f"{name}_columns", schema.empty_table())
    connection.execute(
        f"CREATE VIEW landing.{name} AS"
        f" SELECT * FROM landing.{name}_columns UNION ALL BY NAME"
        f" SELECT * FROM read_parquet({', '.join([file_list(files), *options])})"
    )


def _day(file: Path) -> date:
    return date.fromisoformat(file.parent.name)


def forget_other_rules(connection: duckdb.DuckDBPyConnection, version: str) -> None:
    """Drops tables of requests that other rules built: columns of an earlier release have an order.

    Every day of theirs is built again in any case.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS built")
    connection.execute("CREATE TABLE IF NOT EXISTS built.rules (version VARCHAR)")
    if connection.execute("SELECT version FROM built.rules").fetchall() == [(version,)]:
        return
    for table in (*_BY_DAY, *_OF_EARLIER_RELEASES):
        connection.execute(f"DROP TABLE IF EXISTS intermediate.{table}")
    forget_days(connection)
    connection.execute("DELETE FROM built.rules")
    connection.execute("INSERT INTO built.rules VALUES (?)", [version])


def _hashed(name: str, rows: pa.Table) -> pa.Table:
    """Conditions of rules have a column of HMACs, empty without the landing's key."""
    if name != CONDITIONS or HASH in rows.column_names:
        return rows
    return with_hashes(rows, b"")


def write_table(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Instants that come of no landed file are plain UTC timestamps."""
    is_landed = name.removesuffix("_columns") in TABLES
    connection.register("incoming", rows if is_landed else _in_plain_utc(rows))
    connection.execute(f"CREATE OR REPLACE TABLE landing.{name} AS SELECT * FROM incoming")
    connection.unregister("incoming")


def _in_plain_utc(rows: pa.Table) -> pa.Table:
    plain = pa.schema(
        pa.field(field.name, pa.timestamp("us"))
        if pa.types.is_timestamp(field.type) and field.type.tz
        else field
        for field in rows.schema
    )
    return rows.cast(plain)


def sources_table(
    workspace: Workspace,
    states: Mapping[str, SourceState],
    buckets: Iterable[Path],
    credentials: pa.Table | None = None,
) -> pa.Table:
    """One row per gateway, with what its entry says, and per bill and account of it.

    `buckets`: landed files of bill_buckets, which say whose a bill of several providers is;
    `credentials`: credentials.csv, which may say whose key an entry names.
    """
    accounts = accounts_of_bills(workspace.bills, buckets)
    rows: list[dict[str, Any]] = []
    for source in sources_of(workspace):
        state = states[source.name]
        row = {
            "source": source.name,
            "format": source.format,
            "status": "failed" if state.failed else "ok",
            "message": state.message or None,
        }
        if isinstance(source, Bill):
            # one that nothing has landed of has a row, too: it may have failed
            bill = {**row, "kind": "bill", "role": source.role}
            rows += [
                {**bill, "provider": provider, "billing_account": account}
                for provider, account in accounts[source.name]
            ]
            if not accounts[source.name]:
                rows.append({**bill, "billing_account": source.account})
        else:
            said = said_by_entry(source, workspace.bills, accounts, credentials)
            rows.append({**row, "kind": gateway_kind(source.format), **said})
    return pa.Table.from_pylist(rows, schema=SOURCES)


def models_seen(connection: duckdb.DuckDBPyConnection) -> list[SeenModel]:
    """Every name of a model with the provider that logs, bills or deployments.csv say it is of."""
    return [SeenModel(*row) for row in connection.execute(MODELS_SEEN).fetchall()]


def priced_span(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[date | None, date | None, list[str]]:
    """First UTC day of requests, the day after the last, and the providers that they, the entries
    of gateways or the CSVs of deployments, capacity and models name.
    """
    [row] = connection.execute(
        """
        SELECT
            CAST(min(started_from) AT TIME ZONE 'UTC' AS DATE),
            CAST(max(ended_until) AT TIME ZONE 'UTC' AS DATE) + 1,
            (
                SELECT coalesce(list_sort(list(DISTINCT provider)), [])
                FROM (
                    SELECT provider FROM seen.request_models
                    UNION SELECT provider FROM landing.sources WHERE kind = 'gateway'
                    UNION SELECT provider FROM landing.deployments
                    UNION SELECT provider FROM landing.capacity
                    UNION SELECT provider FROM landing.models
                )
                WHERE provider IS NOT NULL
            )
        FROM seen.request_models
        """
    ).fetchall()
    return row
