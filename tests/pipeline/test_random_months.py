"""Random accounts on both sides of a month's midnight: either month alone is as both at once."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import duckdb
import pytest
from compiled_project import CompiledProject
from random_cases import Case, make_case
from random_invoices import month_of
from random_landing import land

from ingestion.reference.files import read_reference
from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.warehouse.built_months import LAST_OF_MONTHS
from tests.scenarios.companies import Rows

MONTHS = ("2026-10-01", "2026-11-01")
# Matches over the midnight between them, and their accounts.
CROSSING = "select count(*), count(distinct cell_id) from intermediate.int_matches_over_midnight"


@pytest.fixture(params=[300, pytest.param(3000, marks=pytest.mark.slow)], ids=str)
def cases(request: pytest.FixtureRequest) -> list[Case]:
    return [case for case in map(make_case, range(request.param)) if not _joins_months(case)]


def _joins_months(case: Case) -> bool:
    """Whether a charge without a quantity has hours of both, or one takes back another's."""
    months = {month_of(case, charge) for charge in case.charges}
    takes_back = any("back" in charge["raw_row"] for charge in case.charges)
    untold = case.measured != "bill" or any(
        (charge["consumed_quantity"] or 0) % 1 for charge in case.charges
    )
    return (len(months) > 1 and takes_back) or (bool(case.begins) and untold)


def test_either_month_alone_is_as_both_at_once(
    compiled: Callable[[Workspace], CompiledProject], cases: list[Case], tmp_path: Path
) -> None:
    (tmp_path / "tollbook.yaml").write_text(
        "company: Acme\ngateways:\n  - {name: log, format: generic, location: logs}\n"
    )
    workspace = load_workspace(tmp_path)
    project = compiled(workspace)
    of_months = project.with_what_they_read([LAST_OF_MONTHS])
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("use warehouse")
        tables = read_reference(workspace).tables
        land(
            connection,
            cases,
            {name: table.slice(0, 0) for name, table in tables.items()},
            Random(1),
        )
        project.build(connection, of_months)
        at_once = allocations(project, connection)
        assert connection.execute(
            "select count(distinct month_hash) from intermediate.int_month_inputs"
        ).fetchone() == (2,)
        crossing, cells = connection.execute(CROSSING).fetchall()[0]
        assert crossing >= cells > len(cases) / 100
        for month in MONTHS:
            connection.execute(
                "create or replace table intermediate.int_months_in_hand as select *"
                f" from intermediate.int_month_inputs where billing_month = '{month}'"
            )
            project.build(connection, of_months & project.downstream("int_months_in_hand"))
            assert allocations(project, connection) == at_once


def allocations(project: CompiledProject, connection: duckdb.DuckDBPyConnection) -> dict[str, Rows]:
    return {
        model.name: connection.execute(f"select * from {model.relation} order by all").fetchall()
        for model in project.models
        if model.by_month
    }
