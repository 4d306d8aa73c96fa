"""A cell of a reference CSV, changed alone, marks every day and month whose fresh result differs.

`make test` tries a seeded handful, `make sweep` every cell with every value that a run accepts.
"""

import random
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestion.reference.files import ReferenceError, read_reference
from ingestion.reference.tables import TABLES
from ingestion.workspace.settings import load_workspace
from orchestration.assets.warehouse import fill_landing
from tests.field import swept_company
from tests.field.cell_changes import Cell, columns, values
from tests.pipeline.compiled_project import CompiledProject, compile_project
from tests.pipeline.workspaces import HISTORY, Bench, assert_same_tables, contents, run
from tests.scenarios.companies import ZONE, Company, write_company
from tests.scenarios.conftest import write_rule_fields

CHOSEN = random.Random(9)
COLUMNS = columns()
# day or month -> what a table holds of it; table -> that
Days = dict[Any, Any]
Snapshot = dict[str, Days]
# What says of which inputs a day is built, and a month.
DAY_HASHES, MONTH_HASHES = "int_day_inputs", "int_month_inputs"


class Sweep:
    """The swept company, its days as they are, and as they would be with another cell."""

    def __init__(
        self, project: CompiledProject, folder: Path, settings: str = swept_company.SETTINGS
    ) -> None:
        self._company = Company(project, write_company(folder, swept_company.files(), settings))
        self._project = project
        by_day = [name for name, columns in self._columns().items() if "day_hash" in columns]
        self._by_day = sorted(set(by_day) - {DAY_HASHES})
        self._by_month = [model.name for model in project.models if model.by_month]
        read = {*self._by_day, *self._by_month, DAY_HASHES, MONTH_HASHES}
        self._models = project.with_what_they_read(read)
        self.before = self._snapshot()

    def after(self, cell: Cell, value: str) -> Snapshot | None:
        """Built afresh with another value in a cell; None where a run refuses it."""
        file = self._company.folder / "reference" / f"{cell.csv}.csv"
        file.write_text(cell.changed(value))
        try:
            fill_landing(self._company.connection, load_workspace(self._company.folder))
        except ReferenceError:
            return None
        finally:
            file.write_text(swept_company.REFERENCE[cell.csv])
        self._project.build(self._company.connection, only=self._models)
        return self._snapshot()

    def unmarked(self, after: Snapshot) -> list[tuple[str, Any]]:
        """(table, day or month) that differ though the hash of the day or month is what it was."""
        return [
            *self._unmarked(after, DAY_HASHES, self._by_day),
            *self._unmarked(after, MONTH_HASHES, self._by_month),
        ]

    def _unmarked(
        self, after: Snapshot, hashed: str, tables: Iterable[str]
    ) -> list[tuple[str, Any]]:
        hashes, others = self.before[hashed], after[hashed]
        return [
            (table, day)
            for table in tables
            for day in self.before[table].keys() | after[table].keys()
            if self.before[table].get(day) != after[table].get(day)
            and hashes.get(day) == others.get(day)
        ]

    def _columns(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for table, column in self._company.query(
            "select table_name, column_name from information_schema.columns"
            " where table_schema in ('intermediate', 'main')"
        ):
            found.setdefault(table, set()).add(column)
        return found

    def _snapshot(self) -> Snapshot:
        relations = {model.name: model.relation for model in self._project.models}
        return {
            table: dict(
                self._company.query(
                    f"select {by}, (count(*), sum(cast(hash(rows) as hugeint)))"
                    f" from (select * {hidden} from {relations[table]}) as rows group by {by}"
                )
            )
            for table, by, hidden in [
                (DAY_HASHES, "usage_date", ""),
                (MONTH_HASHES, "billing_month", ""),
                *((name, "usage_date", "exclude (day_hash)") for name in self._by_day),
                *((name, "billing_month", "") for name in self._by_month),
            ]
        }


@pytest.fixture(scope="module")
def sweep(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    folder = tmp_path_factory.mktemp("swept")
    yield Sweep(project, folder)
    shutil.rmtree(folder)


def tried(sweep: Sweep, column: Iterable[Cell], most: int) -> int:
    """How many changes of a column's cells were tried, up to `most`; each marks its days."""
    done = 0
    for cell in column:
        for value in values(cell):
            if done == most:
                return done
            after = sweep.after(cell, value)
            if after is not None:
                assert sweep.unmarked(after) == [], f"{cell} = {value!r}"
                done += 1
    return done


def test_the_swept_company_has_every_column_of_every_csv() -> None:
    assert swept_company.REFERENCE.keys() == TABLES.keys()
    for name, each in TABLES.items():
        header, rows = swept_company.table(name)
        assert header == list(each.columns), name
        filled = {
            column for row in rows for column, value in zip(header, row, strict=True) if value
        }
        assert filled == set(header), name


def test_a_pool_of_two_owners_does_not_cancel_out_of_the_days_hash(sweep: Sweep) -> None:
    """Both lines say the same of a request; the deployments of both changed rebuilt no day."""
    header, rows = swept_company.table("capacity")
    for row in rows[:2]:
        row[header.index("deployments")] = "gpu-9"
    changed = Cell("capacity", 0, "deployments")
    kept = swept_company.REFERENCE["capacity"]
    swept_company.REFERENCE["capacity"] = swept_company.text(header, rows)
    try:
        after = sweep.after(changed, "gpu-9")
    finally:
        swept_company.REFERENCE["capacity"] = kept
    assert after is not None
    assert after["int_requests"] != sweep.before["int_requests"]
    assert sweep.unmarked(after) == []


@pytest.mark.parametrize("column", CHOSEN.sample(sorted(COLUMNS), 12))
def test_a_changed_cell_marks_its_days(sweep: Sweep, column: str) -> None:
    some = CHOSEN.sample(COLUMNS[column], len(COLUMNS[column]))
    assert tried(sweep, some, 1) == 1


@pytest.mark.slow
@pytest.mark.parametrize("column", sorted(COLUMNS))
def test_every_value_of_every_cell_marks_its_days(sweep: Sweep, column: str) -> None:
    assert tried(sweep, COLUMNS[column], 1000) > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timezone", "UTC"),
        ("timezone", "Pacific/Auckland"),
        ("attribution", "{team: [rule, credential], tier: ['metadata:none']}"),
        ("since", "2026-10-01"),
        ("chargeback_basis", "effective"),
    ],
)
def test_a_changed_setting_marks_its_days(
    sweep: Sweep, tmp_path: Path, name: str, value: str
) -> None:
    write_rule_fields(tmp_path / "warehouse.duckdb")
    compile_project(tmp_path, **{"timezone": ZONE, name: value})
    other = Sweep(CompiledProject(tmp_path), tmp_path / "company")
    assert sweep.unmarked(other.before) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "entry",
    [
        "region: us",
        "provider: openai, account: org-e",
        "provider: openai, account: org-o, sub_account: proj_a",
        "provider: openai, account: org-o, credential: key_b",
        "credential: none",
        "credential: [key_*]",
    ],
)
def test_a_changed_entry_of_a_gateway_marks_its_days(
    sweep: Sweep, project: CompiledProject, tmp_path: Path, entry: str
) -> None:
    lines = "".join(f"    {each}\n" for each in entry.split(", "))
    place = "    location: logs\n"
    other = Sweep(project, tmp_path, swept_company.SETTINGS.replace(place, place + lines))
    assert sweep.unmarked(other.before) == []


@pytest.mark.slow
def test_a_run_after_a_change_ends_as_a_fresh_one(tmp_path: Path) -> None:
    """One change in each CSV, one after the other, each run on what the runs before it built."""
    company = write_company(tmp_path / "run", swept_company.files(), swept_company.SETTINGS)
    fresh = Bench(tmp_path / "fresh")
    run(company)
    for name in sorted(TABLES):
        cell = CHOSEN.choice(
            [one for column in COLUMNS.values() for one in column if one.csv == name]
        )
        file = company / "reference" / f"{name}.csv"
        for value in values(cell):
            file.write_text(cell.changed(value))
            if _accepted(company):
                break
        else:
            file.write_text(swept_company.REFERENCE[name])
        run(company)
        assert_same_tables(contents(company), contents(fresh.build(company)), but=HISTORY)


def _accepted(folder: Path) -> bool:
    try:
        read_reference(load_workspace(folder))
    except ReferenceError:
        return False
    return True
