"""How restatements are told: requests once, unknown money apart, small money visible."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingestion.landing.restatements import (
    PRICE_RESTATEMENTS,
    read_restatements,
    store_restatements,
    with_told,
)
from ingestion.storage.objects import open_storage
from orchestration.dbt.published_models import PublishedAs, PublishedModel
from orchestration.publishing.last_published import published_restatements
from orchestration.publishing.publish import publish
from orchestration.summary.price_restatements import repriced_text, told_restatements
from tests.orchestration.small_warehouse import ORIGIN, write_workspace

COLUMNS = (
    "restatement_id, usage_date, provider, model, meter, reason, requests, requests_once,"
    " list_cost_before, list_cost_after, contracted_cost_before, contracted_cost_after"
)
RAISED = "'1', date '2026-10-01', 'openai', 'gpt-4o', 'input', 'list_price', 1200, 1200"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        empty = PRICE_RESTATEMENTS.empty_table()
        connection.register("nothing", empty)
        connection.execute("create table main.fct_price_restatements as from nothing")
        yield connection


def insert(connection: duckdb.DuckDBPyConnection, *lines: str) -> None:
    for line in lines:
        connection.execute(f"insert into main.fct_price_restatements ({COLUMNS}) values ({line})")


def test_nothing_repriced_is_nothing_told(connection: duckdb.DuckDBPyConnection) -> None:
    assert repriced_text(connection, ()) == ""
    insert(connection, f"{RAISED}, 10, 12, 9, 10.80")
    assert repriced_text(connection, {"1"}) == ""


def test_requests_count_once_and_lines_by_model_and_meter(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    insert(
        connection,
        f"{RAISED}, 10, 12, 9, 10.80",
        "'1', date '2026-10-02', 'openai', 'gpt-4o', 'input', 'list_price', 34, 34, 1, 2, 1, 2",
        "'1', date '2026-10-01', 'openai', 'gpt-4o', 'output', 'both', 1200, 0, 0.004, 0, 0.002, 0",
        "'0', date '2026-10-09', 'openai', 'gpt-4o', 'output', 'both', 5, 5, 9, 9, 9, 8",
    )
    assert [line.rstrip() for line in repriced_text(connection, {"0"}).splitlines()] == [
        "repriced 1,234 requests of 2 days: list 11.00 → 14.00 (+3.00),"
        " contracted 10.00 → 12.80 (+2.80)",
        "provider  model   meter   requests  list before     after  contracted before     after",
        "openai    gpt-4o  input       1234        11.00     14.00              10.00     12.80",
        "openai    gpt-4o  output      1200     0.004000  0.000000           0.002000  0.000000",
    ]


def test_what_had_no_price_is_not_called_free(connection: duckdb.DuckDBPyConnection) -> None:
    insert(
        connection,
        "'1', date '2026-10-01', 'x', 'new', 'input', 'became_priced', 1, 1, null, 3, null, 2",
        "'1', date '2026-10-01', 'x', 'old', 'input', 'became_unpriced', 2, 2, 5, null, 4, null",
    )
    assert repriced_text(connection, ()).splitlines() == [
        "repriced 3 requests of 1 day",
        "had no price before: list 3.00, contracted 2.00",
        "have no price any more: list 5.00, contracted 4.00",
    ]


def test_told_is_what_is_stored_and_what_the_marts_tell_is_stored_next(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    workspace = write_workspace(tmp_path)
    assert told_restatements(workspace) == set()
    insert(connection, f"{RAISED}, 10, 12, 9, 10.80")
    rows = connection.sql("from main.fct_price_restatements").to_arrow_table()
    store_restatements(open_storage(workspace.landing), rows)
    assert told_restatements(workspace) == {"1"}
    connection.execute("update main.fct_price_restatements set restatement_id = '2'")
    connection.close()
    table = PublishedModel("fct_price_restatements", PublishedAs.TABLE)
    publish(workspace.warehouse, workspace.marts, [table], ORIGIN)
    # published by a run that was killed: the next one tells and stores it
    assert told_restatements(workspace) == {"1"}
    stored = read_restatements(open_storage(workspace.landing))
    both = with_told(stored, published_restatements(workspace.marts))
    assert both["restatement_id"].to_pylist() == ["1", "2"]
    assert with_told(both, published_restatements(workspace.marts)).equals(both)
