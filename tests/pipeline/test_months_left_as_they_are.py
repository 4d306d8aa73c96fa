"""Open months whose files are left as they are, of a company whose sources change one by one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import pytest

from ingestion.workspace.settings import load_workspace
from orchestration.exports.months import export_open_months
from orchestration.publishing.as_published import is_as_published
from tests.pipeline.seven_months import (
    MONTHS,
    USES,
    openai_invoice,
    page_of,
    requests_of,
    write_seven_months,
)
from tests.pipeline.seven_months_changes import CHANGES as KNOWN_LATER
from tests.pipeline.test_close import bytes_below, told
from tests.scenarios.companies import log
from tests.support.made_of import read_alike

# a first run, a close and nine changes
pytestmark = pytest.mark.whole

NAMES: Final = [f"{month:%Y-%m}" for month in MONTHS]
OPEN: Final = NAMES[1:]
NEWER: Final = MONTHS[-1].replace(month=MONTHS[-1].month + 1)


def late_of_the_closed_month(folder: Path) -> None:
    late = [r for use in USES if use.team == "blue" for r in requests_of(use, MONTHS[0], 99, "old")]
    (folder / "logs" / "old.ndjson").write_text(log(late))


def renamed_team(folder: Path) -> None:
    _reference(folder, "teams", "team_id,team_name,cost_center\nblue,Blue & Co,CC7\n")


def a_budget(folder: Path) -> None:
    line = f"team,blue,usd,40,60,{MONTHS[5]}"
    _reference(folder, "budgets", f"scope,scope_id,unit,expected,budget,valid_from\n{line}\n")


def a_rule(folder: Path) -> None:
    _reference(folder, "attribution_rules", "priority,match,set_tier\n1,model=mistral-*,pro\n")


def another_name(folder: Path) -> None:
    settings = folder / "tollbook.yaml"
    settings.write_text(settings.read_text().replace("Seven months", "Eight months"))


def a_newer_month(folder: Path) -> None:
    (folder / "bills" / "openai" / f"{NEWER}.json").write_text(page_of(NEWER))
    requests = [r for use in USES for r in requests_of(use, NEWER, use.daily)]
    (folder / "logs" / f"{NEWER}.ndjson").write_text(log(requests))
    invoices = folder / "reference" / "invoices.csv"
    invoices.write_text(invoices.read_text() + openai_invoice(NEWER))


def one_day_more(folder: Path) -> None:
    log_of(folder, NEWER.replace(day=2))


def log_of(folder: Path, day: date) -> None:
    requests = [r for use in USES for r in requests_of(use, day, use.daily)]
    (folder / "logs" / f"{day}.ndjson").write_text(log(requests))


def _reference(folder: Path, name: str, text: str) -> None:
    (folder / "reference" / f"{name}.csv").write_text(text)


late, _, _, repriced, _ = KNOWN_LATER
# with the months that are made anew, where that is all that a change may cost
TURNS: Final[Mapping[Callable[[Path], None], list[str] | None]] = {
    # in the month itself and the next, whose pages compare with it
    late: OPEN[:2],
    repriced: None,
    late_of_the_closed_month: None,
    renamed_team: OPEN,
    a_budget: None,
    a_newer_month: None,
    one_day_more: None,
    a_rule: [*OPEN, f"{NEWER:%Y-%m}"],
    another_name: [*OPEN, f"{NEWER:%Y-%m}"],
}


def written(folder: Path) -> dict[str, int]:
    """Of open months: another number where they were written."""
    manifests = (folder / "exports").glob("*/manifest.json")
    found = {manifest.parent.name: manifest.stat().st_mtime_ns for manifest in manifests}
    return {month: moment for month, moment in found.items() if month not in NAMES[:1]}


def from_nothing(folder: Path, home: Path) -> dict[str, dict[str, str]]:
    workspace = load_workspace(folder)
    anew = replace(workspace, file=home / "tollbook.yaml", exports=str(home / "exports"))
    return {each.month: bytes_below(Path(each.folder)) for each in export_open_months(anew)}


# tables by billing month, of which a publish writes what it does not take for equal
BY_MONTH: Final = (
    "fct_cost_allocations",
    "fct_cost_daily",
    "mart_keyless_usage_monthly",
    "mart_reconciliation_daily",
)


def published_otherwise(folder: Path) -> dict[str, int]:
    """Tables of which the marts have other rows than the warehouse."""
    with duckdb.connect() as connection:
        for name in ("marts", "warehouse"):
            connection.execute(f"attach '{folder / name}.duckdb' as {name} (read_only)")
        found = {}
        for table in BY_MONTH:
            [(rows,)] = connection.execute(
                f"select count(*) from ((from marts.{table} except all from warehouse.{table})"
                f" union all (from warehouse.{table} except all from marts.{table}))"
            ).fetchall()
            found[table] = rows
    return {table: rows for table, rows in found.items() if rows}


def test_every_file_of_open_months_is_what_an_export_from_nothing_makes(tmp_path: Path) -> None:
    folder = write_seven_months(tmp_path / "company")
    settings = folder / "tollbook.yaml"
    settings.write_text(f"{settings.read_text()}timezone: Europe/Berlin\n")
    for step in ("run", "close"):
        done, said = told(folder, *([step] if step == "run" else [step, NAMES[0]]))
        assert done, said
    told(folder, "run")
    for change, anew in TURNS.items():
        before = written(folder)
        change(folder)
        _, said = told(folder, "run")
        after = written(folder)
        left = {month: bytes_below(folder / "exports" / month) for month in after}
        # whatever does not tie: the marts are of now
        assert "published marts.duckdb" in said, said
        assert published_otherwise(folder) == {}, change
        assert is_as_published(load_workspace(folder))
        assert left == from_nothing(folder, tmp_path / change.__name__), (change, said)
        made = sorted(month for month in after if after[month] != before.get(month))
        assert anew is None or made == anew, (change, said)
    alike = read_alike(folder / "marts.duckdb", tmp_path / "alike")
    assert alike == dict.fromkeys(after, True)
    # a run takes months for equal that are built of the same: what no build did is not seen
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute(
            f"update fct_cost_allocations set region = 'mars' where billing_month = '{MONTHS[1]}'"
        )
    log_of(folder, NEWER.replace(day=3))
    _, said = told(folder, "run")
    assert "published marts.duckdb" in said, said
    assert published_otherwise(folder).keys() == {"fct_cost_allocations"}
    (folder / "marts.duckdb").chmod(0o600)
    with duckdb.connect(folder / "marts.duckdb") as connection:
        connection.execute("delete from fct_cost_allocations where quantity > 1")
    told(folder, "run")
    assert published_otherwise(folder) == {}
