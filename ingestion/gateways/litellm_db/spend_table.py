"""LiteLLM's Postgres: its table of spend logs by start, and its daily table as control totals.

Every question goes by an index (`startTime`, `date`), in a short transaction that cannot write.
The columns are those that the release has.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from ingestion.records import SourceError

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

CONNECT_SECONDS: Final = 15
# of one answer, or of the next rows of one
STATEMENT_SECONDS: Final = 300
ROWS_AT_ONCE: Final = 2000
# What Prisma's addresses say beyond what Postgres' own client takes.
OF_PRISMA: Final = frozenset(
    (
        *("schema", "connection_limit", "pool_timeout", "pgbouncer", "socket_timeout"),
        *("statement_cache_size", "sslaccept", "sslidentity", "sslpassword"),
    )
)
# half of each row would be the price map's entry of its model
ROWS: Final = """
    select request_id, "startTime",
        (to_jsonb(logs) #- '{metadata,model_map_information,model_map_value}')::text
    from "LiteLLM_SpendLogs" as logs
    where "startTime" >= %s and "startTime" < %s
    order by "startTime", request_id
"""
NOW_AND_OLDEST: Final = """
    select (now() at time zone 'utc')::timestamp, (select min("startTime") from "LiteLLM_SpendLogs")
"""
# One table of those by user, team, tag, …: each request is in it once.
DAILY: Final = """
    select date, sum(api_requests)::bigint from "LiteLLM_DailyUserSpend"
    where date >= %s and date < %s group by date
"""
HAS_DAILY: Final = """select to_regclass('"LiteLLM_DailyUserSpend"') is not null"""


class SpendTable:
    def __init__(self, connection: "Connection", schema: str) -> None:
        self._connection = connection
        self._schema = schema

    def now_and_oldest(self) -> tuple[datetime, datetime | None]:
        """In UTC; the start of the oldest row, None where there is none."""
        with self._asking() as cursor:
            return cursor.execute(NOW_AND_OLDEST).fetchone()

    def rows(self, start: datetime, end: datetime) -> Iterator[tuple[str, datetime, bytes]]:
        """Id, start and JSON of each row, by start."""
        with self._asking("spend_logs") as cursor:
            cursor.itersize = ROWS_AT_ONCE
            cursor.execute(ROWS, (start, end))
            for request_id, started, row in cursor:
                yield request_id, started, row.encode()

    def daily_requests(self, first: date, until: date) -> dict[date, int]:
        """Requests of each day by LiteLLM's own count; none in releases that do not count."""
        with self._asking() as cursor:
            has_daily = cursor.execute(HAS_DAILY).fetchone()
            if has_daily != (True,):
                return {}
            found = cursor.execute(DAILY, (first.isoformat(), until.isoformat())).fetchall()
        return {date.fromisoformat(day): requests for day, requests in found}

    @contextmanager
    def _asking(self, name: str = "") -> Iterator[Any]:
        with self._connection.transaction(), self._connection.cursor() as settings:
            # of this transaction alone: behind a pooler the next one may be another session
            settings.execute("set transaction read only")
            settings.execute(f"set local statement_timeout = '{STATEMENT_SECONDS}s'")
            if self._schema:
                settings.execute("select set_config('search_path', %s, true)", (self._schema,))
            cursor: Cursor | Any = self._connection.cursor(name) if name else settings
            with cursor:
                yield cursor


@contextmanager
def open_spend_table(url: str, variable: str) -> Iterator[SpendTable]:
    """Raises SourceError, without the password, for what the database does not give."""
    # Who reads files needs none of it.
    import psycopg

    password = _password(url)
    try:
        address, schema = _plain(url)
        # a pooler knows no statements that another session prepared
        with psycopg.connect(
            address, connect_timeout=CONNECT_SECONDS, autocommit=True, prepare_threshold=None
        ) as connection:
            yield SpendTable(connection, schema)
    except psycopg.ProgrammingError as error:
        if error.sqlstate is None:
            # its sentence has parts of the address
            raise SourceError(f"{variable} is no address of a Postgres: {ADVICE}") from None
        raise SourceError(_told(error, password)) from None
    except psycopg.Error as error:
        raise SourceError(_told(error, password)) from None


ADVICE: Final = "write postgresql://user:password@host:5432/database"


def _plain(url: str) -> tuple[str, str]:
    """The address as Postgres' client takes it, and the schema that Prisma's names."""
    address, mark, query = url.partition("?")
    if not mark or "://" not in address:
        return url, ""
    said = parse_qsl(query)
    taken = "&".join(part for part in query.split("&") if part.split("=")[0] not in OF_PRISMA)
    return f"{address}?{taken}" if taken else address, dict(said).get("schema", "")


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def _told(error: Exception, password: str) -> str:
    lines = " ".join(str(error).split()) or type(error).__name__
    said = lines.replace(password, "***") if password else lines
    return f"LiteLLM's database could not be read: {said}"
