"""The unit price of allocated money is the bill's: the price book moves what is expected, only."""

import csv
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from compiled_project import CompiledProject
from workspace_runs import copy_workspace, run
from workspaces import (
    HISTORY,
    assert_same_tables,
    contents,
    copy_landed,
    copy_sources,
    query,
)

from ingestion.workspace.settings import Workspace
from tests.scenarios.companies import OwnCompany

pytestmark = pytest.mark.whole

FACTOR = 3
FROM = date(2026, 10, 5)
COLUMNS = (
    "provider model meter service_tier context_above unit_price_per_million valid_from valid_to"
)
ALLOCATED = (
    "select allocation_id, charge_id, cell_id, team, feature, tier, quantity, billed_cost,"
    " effective_cost from fct_cost_allocations order by all"
)


def logged_prices(folder: Path) -> list[tuple[Any, ...]]:
    """Every price of the models in the logs, with its period as CSV text."""
    with duckdb.connect(folder / "warehouse.duckdb", read_only=True) as connection:
        return connection.execute(
            """
            select
                provider, model, meter, service_tier, context_above, unit_price_per_million,
                case when valid_from > timestamp '0002-01-01'
                    then strftime(valid_from, '%Y-%m-%d') else '' end,
                case when valid_to < timestamp '9999-01-01'
                    then strftime(valid_to, '%Y-%m-%d') else '' end
            from landing.price_book
            where (provider, model) in (select distinct provider, model from main.fct_requests)
            order by all
            """
        ).fetchall()


def write_prices(folder: Path, prices: Sequence[tuple[Any, ...]], since: str | None = None) -> None:
    """prices.csv with each price times `FACTOR`, over its own period or from a day on."""
    with (folder / "reference" / "prices.csv").open("w", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(COLUMNS.split())
        for *key, price, valid_from, valid_to in prices:
            if since and valid_to and valid_to <= since:
                continue
            start = max(valid_from, since) if since else valid_from
            writer.writerow([*key, f"{price * FACTOR:f}", start, valid_to])


def by_day(folder: Path, sign: str) -> list[tuple[Any, ...]]:
    """Requests and their prices before the day of the change (`<`), or from it on (`>=`)."""
    return query(
        folder,
        "select request_key, list_cost, contracted_cost, price_id, day_hash from fct_requests"
        f" where usage_date {sign} date '{FROM}' order by all",
    )


def parquet_before(folder: Path) -> dict[str, int]:
    """Parquet files of days that a price of `FROM` cannot touch, and when they were written."""
    found = {}
    for file in (folder / "marts.requests").rglob("*.parquet"):
        [day] = [part for part in file.parts if part[:5] in ("2026-", "usage")]
        if day[-10:] < f"{FROM}":
            found[str(file)] = file.stat().st_mtime_ns
    return found


def test_a_price_change_touches_only_its_period_and_equals_a_fresh_build(
    small: Path, compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    company = copy_workspace(small, tmp_path / "company")
    untouched = parquet_before(company)
    assert untouched

    write_prices(company, logged_prices(small), since=f"{FROM}")
    outcome = run(company)
    assert outcome.status == 0, outcome.output
    assert parquet_before(company) == untouched
    assert by_day(company, "<") == by_day(small, "<")
    priced = zip(by_day(company, ">="), by_day(small, ">="), strict=True)
    changed = [(new[1], old[1]) for new, old in priced if old[1]]
    assert changed
    assert all(new == FACTOR * old for new, old in changed)
    assert query(company, ALLOCATED) == query(small, ALLOCATED)

    copy_sources(company, tmp_path / "fresh")
    fresh = OwnCompany(compiled, tmp_path / "fresh").tables()
    assert_same_tables(contents(company), fresh, but=HISTORY)


def test_every_price_times_three_moves_no_billed_cost(
    built: Path, compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    copy_landed(built, tmp_path)
    write_prices(tmp_path, logged_prices(built))
    company = OwnCompany(compiled, tmp_path)
    assert company.query(ALLOCATED) == query(built, ALLOCATED)

    costs = (
        "select request_key, {0} * list_cost, {0} * contracted_cost from fct_requests order by all"
    )
    rows = company.query(costs.format(1))
    assert len(rows) > 1000
    assert rows == query(built, costs.format(FACTOR))

    variances = (
        "select provider, billing_month, allocated, unexplained, {0} * contracted,"
        " rate_variance + contracted from mart_reconciliation_monthly order by 1, 2"
    )
    assert [row[:5] for row in company.query(variances.format(1))] == [
        row[:5] for row in query(built, variances.format(FACTOR))
    ]
    rate = "select rate_variance from mart_reconciliation_monthly order by provider, billing_month"
    before, after = query(built, rate), company.query(rate)
    assert all(new < old for [old], [new] in zip(before, after, strict=True))
