"""Rows of LiteLLM's own database, on a real Postgres."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import zstandard
from litellm_logs import without
from spend_database import SPEND_LOGS, add_row, copy_rows, count_of_day, make_tables, serve
from test_litellm_csv import table_rows

from ingestion.gateways.litellm import reader
from ingestion.gateways.litellm_db.pulling import pull_spend_logs
from ingestion.gateways.litellm_db.spend_table import ROWS
from ingestion.landing.landing import Landing, open_landing
from ingestion.landing.loading import load_gateway
from ingestion.records import Row, SourceError
from ingestion.workspace.sources import Gateway, GatewayDatabase

DATABASE = GatewayDatabase("LITELLM_DATABASE_URL", 24)
Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve(tmp_path_factory.mktemp("postgres"))


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        make_tables(connection)
        copy_rows(connection)
        yield connection


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    location = str(tmp_path / "saved")
    return Gateway("proxy", "litellm_db", location, {}, database=DATABASE)


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return open_landing(str(tmp_path / "landing"))


def pull(gateway: Gateway, url: str, since: date | None = None) -> list[str]:
    assert gateway.database is not None
    return pull_spend_logs(gateway.name, gateway.database, url, gateway.location, since)


def saved(gateway: Gateway) -> dict[str, bytes]:
    folder = Path(gateway.location)
    return {
        file.relative_to(folder).as_posix(): zstandard.decompress(file.read_bytes())
        for file in sorted(folder.rglob("*.zst"))
    }


def saved_rows(gateway: Gateway) -> list[Row]:
    found: list[Row] = []
    for name, lines in saved(gateway).items():
        parsed = reader.read_object(lines, name, gateway)
        assert parsed.rejects == []
        found += parsed.rows["requests"]
    return sorted(found, key=lambda row: row["request_key"])


def test_the_database_says_what_its_table_says_as_csv(
    connection: Connection, url: str, gateway: Gateway
) -> None:
    assert pull(gateway, url) == []
    left_out = ("content_hash", "raw_usage", "attributes", "unnamed_attributes", "record_no")
    expected = sorted(table_rows(), key=lambda row: row["request_key"])
    assert without(saved_rows(gateway), *left_out) == without(expected, *left_out)


def test_equal_rows_land_once(
    connection: Connection, url: str, gateway: Gateway, landing: Landing
) -> None:
    pull(gateway, url)
    assert load_gateway(gateway, landing).landed == 47
    before = {file: file.stat().st_mtime_ns for file in Path(gateway.location).rglob("*.zst")}
    pull(gateway, url)
    assert before == {
        file: file.stat().st_mtime_ns for file in Path(gateway.location).rglob("*.zst")
    }
    assert load_gateway(gateway, landing).objects_new == 0


def test_a_late_row_is_found_and_a_changed_one_supersedes(
    connection: Connection, url: str, gateway: Gateway, landing: Landing
) -> None:
    pull(gateway, url)
    load_gateway(gateway, landing)
    # it began long before what was saved already, and was written when it ended
    add_row(connection, "late", startTime="2026-11-28T01:00:00")
    [first] = connection.execute(
        f'update "{SPEND_LOGS}" set spend = 0.5 where request_id like %s returning request_id',
        ("chatcmpl-420dd0f8%",),
    ).fetchall()[:1]
    pull(gateway, url)
    result = load_gateway(gateway, landing)
    assert result.objects_new == 2
    rows = saved_rows(gateway)
    assert len(rows) == 48
    assert [row["request_id"] for row in rows if row["gateway_cost"] == 0.5][:1] == [first[0]]


def test_what_the_database_deletes_stays(
    connection: Connection, url: str, gateway: Gateway
) -> None:
    pull(gateway, url)
    before = saved(gateway)
    connection.execute(f'delete from "{SPEND_LOGS}" where status = %s', ("failure",))
    add_row(connection, "new", startTime="2026-11-28T11:20:00")
    pull(gateway, url)
    assert len(saved_rows(gateway)) == 48
    connection.execute(f'truncate "{SPEND_LOGS}"')
    pull(gateway, url)
    assert before.items() <= saved(gateway).items()


def test_rows_later_than_the_overlap_are_told_by_the_daily_table(
    connection: Connection, url: str, gateway: Gateway
) -> None:
    narrow = replace(gateway, database=replace(DATABASE, overlap_hours=1))
    pull(narrow, url)
    add_row(connection, "too-late", startTime="2026-11-28T01:00:00")
    add_row(connection, "next-day", startTime="2026-11-29T00:05:00")
    count_of_day(connection, "2026-11-28", 40)
    count_of_day(connection, "2026-11-28", 8)
    [told] = pull(narrow, url)
    assert told.startswith(
        "proxy: LiteLLM counts 48 requests on 2026-11-28 and its spend logs have 47"
    )
    # a longer overlap finds it
    assert pull(gateway, url) == []
    assert len(saved_rows(gateway)) == 49


def test_only_days_since_the_start_are_asked_for(
    connection: Connection, url: str, gateway: Gateway
) -> None:
    add_row(connection, "old", startTime="2025-01-01T00:00:00")
    pull(gateway, url, since=date(2026, 11, 1))
    assert [name[:10] for name in saved(gateway)] == ["2026-11-28"] * len(saved(gateway))
    assert len(saved_rows(gateway)) == 47


def test_a_row_that_cannot_be_one_is_quarantined_alone(
    connection: Connection, url: str, gateway: Gateway, landing: Landing
) -> None:
    add_row(connection, "negative", prompt_tokens=-5)
    add_row(connection, "ahead", startTime="2099-01-01T00:00:00")
    pull(gateway, url)
    result = load_gateway(gateway, landing)
    # whose clock goes wrong is no watermark
    assert (result.landed, result.quarantined) == (47, 1)


def test_words_of_callers_are_not_saved(connection: Connection, url: str, gateway: Gateway) -> None:
    secret = "nobody else is to read this"
    message = {"role": "user", "content": secret}
    add_row(
        connection,
        "stored",
        messages=[message],
        proxy_server_request={"messages": [message], "metadata": {"tags": ["feature:f"]}},
        response={
            "model": "gpt-4o-mini-2024-07-18",
            "choices": [{"finish_reason": "length", "message": {"content": secret}}],
            "output": [{"type": "web_search_call", "action": {"type": "search", "query": secret}}],
        },
    )
    pull(gateway, url)
    assert not any(secret.encode() in lines for lines in saved(gateway).values())
    [row] = [row for row in saved_rows(gateway) if row["request_id"] == "stored"]
    assert (row["finish_reason"], row["web_searches_quantity"]) == ("length", 1)
    assert row["model_served"] == "gpt-4o-mini-2024-07-18"


def test_a_row_of_an_odd_shape_stops_no_other(
    connection: Connection, url: str, gateway: Gateway
) -> None:
    odd = {"metadata": "not JSON", "response": {"model": 10**400}, "messages": 5}
    add_row(connection, "odd", call_type="aspeech", **odd)
    # as some clients write a JSON column: the JSON as a text
    add_row(connection, "text", metadata=json.dumps({"user_api_key_alias": "alias"}))
    pull(gateway, url)
    parsed = [reader.read_object(lines, name, gateway) for name, lines in saved(gateway).items()]
    rows = [row for each in parsed for row in each.rows["requests"]]
    rejects = [reject.field for each in parsed for reject in each.rejects]
    assert (rejects, len(rows)) == (["metadata"], 48)
    [text] = [row for row in rows if row["request_id"] == "text"]
    assert text["gateway_key_alias"] == "alias"


def test_characters_to_speak_are_counted_and_not_saved(
    connection: Connection, url: str, gateway: Gateway
) -> None:
    spoken = {"call_type": "aspeech", "messages": "Good morning", "prompt_tokens": 0}
    nothing = {"completion_tokens": 0, "total_tokens": 0, "metadata": {}}
    add_row(connection, "speech", **spoken, **nothing)
    pull(gateway, url)
    assert not any(b"Good" in lines for lines in saved(gateway).values())
    [row] = [row for row in saved_rows(gateway) if row["request_id"] == "speech"]
    assert row["characters_quantity"] == len("Good morning")


def test_a_damaged_object_is_told(connection: Connection, url: str, gateway: Gateway) -> None:
    pull(gateway, url)
    [file, *_] = Path(gateway.location).rglob("*.zst")
    file.write_bytes(b"no zstd")
    with pytest.raises(SourceError, match="is damaged: restore it, or delete it"):
        pull(gateway, url)
    file.unlink()
    pull(gateway, url)
    assert len(saved_rows(gateway)) == 47


def test_an_older_release_has_fewer_columns(
    connection: Connection, url: str, gateway: Gateway
) -> None:
    newer = ("litellm_call_id", "updated_at", "status", "session_id", "response", "messages")
    for column in newer:
        connection.execute(f'alter table "{SPEND_LOGS}" drop column {column}')
    connection.execute('drop table "LiteLLM_DailyUserSpend"')
    assert pull(gateway, url) == []
    assert len(saved_rows(gateway)) == 47


def test_rows_are_found_by_an_index(connection: Connection) -> None:
    for number in range(60):
        connection.execute(
            f'insert into "{SPEND_LOGS}" select (jsonb_populate_record(logs, jsonb_build_object('
            "'request_id', request_id || %s::text)"
            f')).* from "{SPEND_LOGS}" as logs where request_id not like %s',
            (f"#{number}", "%#%"),
        )
    connection.execute(f'analyze "{SPEND_LOGS}"')
    plan = connection.execute(f"explain {ROWS}", ("2026-11-29", "2026-11-30")).fetchall()
    told = "\n".join(line for (line,) in plan)
    assert "Seq Scan" not in told and "startTime_idx" in told


def test_addresses_of_prisma_are_taken(connection: Connection, url: str, gateway: Gateway) -> None:
    mark = "&" if "?" in url else "?"
    pull(gateway, f"{url}{mark}schema=public&connection_limit=10&pool_timeout=60")
    assert len(saved_rows(gateway)) == 47


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://tollbook:hunter2-hunter2@127.0.0.1:1/litellm",
        "postgresql://tollbook:hunter2-hunter2@127.0.0.1:port/litellm",
        "hunter2-hunter2",
        "postgresql://tollbook:hunter2-hunter2@127.0.0.1/litellm?what=hunter2-hunter2",
    ],
)
def test_a_database_that_cannot_be_reached_is_told_without_its_password(
    address: str, gateway: Gateway
) -> None:
    with pytest.raises(SourceError) as refusal:
        pull(gateway, address)
    assert "hunter2" not in str(refusal.value)
    assert "database" in str(refusal.value) or "LITELLM_DATABASE_URL" in str(refusal.value)


def test_a_database_without_the_table_says_so(
    connection: Connection, url: str, gateway: Gateway
) -> None:
    connection.execute(f'drop table "{SPEND_LOGS}"')
    with pytest.raises(SourceError, match="LiteLLM_SpendLogs"):
        pull(gateway, url)
    assert json.dumps(saved(gateway)) == "{}"
