"""`make bench-statements`: the pages of a month of 200 teams with 100 features each."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
import duckdb

from benchmarks.measuring.goals import Ratio, megabytes, ratio_table, seconds, table
from benchmarks.measuring.options import page_of, say, write
from benchmarks.measuring.page import report
from benchmarks.measuring.processes import measured, python
from orchestration.exports.site.figures import Figures
from orchestration.exports.site.pages import site_files

NAME: Final = "statements"
SAMPLE: Final = Path(__file__).parents[1] / "data" / "sample"
KEPT: Final = ("tollbook.yaml", "logs", "bills", "reference")
BEFORE, MONTH = date(2026, 9, 1), date(2026, 10, 1)
TEAMS, FEATURES = 200, 100
LARGEST: Final = 2_000_000
WANTED: Final = 10
# The sample's own rows of one team's feature stand for each: their money, days and models. Of
# allocations one for a day, model and tier, with what all of them cost: 20,000 features of a few
# requests a day each are wanted here, not a hundred million cells.
ONE_A_DAY: Final = "(PARTITION BY billing_month, usage_date, model, tier)"
ONLY_ALLOCATION: Final = (
    "SELECT * REPLACE ("
    + ", ".join(
        f"(sum({name}) OVER {ONE_A_DAY})::DECIMAL(38, 12) AS {name}"
        for name in ("billed_cost", "effective_cost", "estimated_cost")
    )
    + f") FROM one QUALIFY row_number() OVER {ONE_A_DAY} = 1"
)
SCALED: Final = (
    ("fct_cost_allocations", "residual_cause IS NULL"),
    ("mart_showback_monthly", "line_kind = 'owner'"),
    ("mart_variance_bridge", "residual_cause IS NULL"),
)


@dataclass(frozen=True, slots=True)
class Pages:
    """`tables`: CPU seconds of the cents of the month and of the one before, which showback.csv
    has of each; `cpu`: of the pages, once these are known."""

    tables: float
    cpu: float
    rows: int
    files: dict[str, int]


def scaled(marts: duckdb.DuckDBPyConnection) -> int:
    """Rows of allocations; every team has every feature, copies of one of the sample."""
    marts.execute(
        f"CREATE TEMP TABLE owners AS SELECT 'team-' || t AS team, 'feature-' || t || '-' || f"
        f" AS feature FROM range({TEAMS}) AS a (t), range({FEATURES}) AS b (f)"
    )
    for name, kept in SCALED:
        marts.execute(
            f"CREATE TEMP TABLE one AS SELECT * FROM {name} WHERE {kept}"
            " AND team = 'hr-operations' AND feature = 'offer-letters'"
        )
        one = f"({ONLY_ALLOCATION})" if name == "fct_cost_allocations" else "one"
        marts.execute(
            f"INSERT INTO {name} SELECT one.* REPLACE (owners.team AS team,"
            f" owners.feature AS feature) FROM {one} AS one, owners; DROP TABLE one"
        )
    marts.execute(
        "INSERT INTO mart_chargeback_monthly SELECT lines.* REPLACE (costs.team AS team,"
        " costs.team AS team_name, costs.billed AS direct_cost, 0 AS residual_cost,"
        " costs.billed AS total_cost, costs.billed AS recovered_cost)"
        " FROM (SELECT billing_month, provider, billing_account, team,"
        " sum(billed_cost)::DECIMAL(38, 12) AS billed FROM fct_cost_allocations"
        " WHERE starts_with(team, 'team-') GROUP BY ALL) AS costs"
        " JOIN mart_chargeback_monthly AS lines USING (billing_month, provider, billing_account)"
        " WHERE lines.team = 'hr-operations'"
    )
    [(rows,)] = marts.execute("SELECT count(*) FROM fct_cost_allocations").fetchall()
    return int(rows)


def measure() -> Pages:
    say(f"pages of {TEAMS} teams with {FEATURES} features each")
    with TemporaryDirectory() as passing:
        folder = Path(passing) / "company"
        folder.mkdir()
        for source in (SAMPLE / name for name in KEPT):
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, folder / source.name)
        measured(python("-m", "benchmarks.told_run", str(folder)))
        file = folder / "marts.duckdb"
        file.chmod(0o644)
        with duckdb.connect(file) as marts:
            rows = scaled(marts)
            names = {f"team-{number}": f"team-{number}" for number in range(TEAMS)}
            began = time.process_time()
            figures = Figures(marts, "USD")
            for month in (BEFORE, MONTH):
                figures.of(month)
            known = time.process_time()
            made = site_files(marts, MONTH, "billed", "USD", names, figures)
            cpu = time.process_time() - known
    return Pages(known - began, cpu, rows, {name: len(data) for name, data in made.items()})


def lines(found: Pages) -> Iterator[str]:
    largest = max(found.files.values())
    yield from ratio_table(
        [
            Ratio(
                f"{seconds(found.cpu)} CPU s: {len(found.files)} pages, {found.rows:,} allocations",
                found.cpu / WANTED,
                f"{WANTED} CPU s",
                "≤ 1",
            ),
            Ratio(f"{megabytes(largest)}: the largest page", largest / LARGEST, "2 MB", "≤ 1"),
        ]
    )
    yield ""
    yield (
        f"Of a run's exports these pages are a part: the cents of a month's rows are made once, for"
        f" showback.csv and the pages of two months, {seconds(found.tables / 2)} CPU s a month of"
        f" {TEAMS * FEATURES:,} features."
    )
    yield ""
    of_teams = [size for name, size in found.files.items() if "/teams/" in name]
    yield from table(
        ("page", "bytes"),
        [
            ("company", f"{found.files['site/company.html']:,}"),
            ("trust", f"{found.files['site/trust.html']:,}"),
            ("a team, at most", f"{max(of_teams):,}"),
            ("all", f"{sum(found.files.values()):,}"),
        ],
    )


@click.command()
@write
def main(write: bool) -> None:
    """Prints CPU seconds and bytes."""
    report(NAME, f"python -m benchmarks.{NAME}", lines(measure()), page=page_of(write))


if __name__ == "__main__":
    main()
