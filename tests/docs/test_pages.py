"""Pages that are made are equal to what they are made of; `make docs` writes them."""

import re
import tomllib
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Final

import duckdb
from click.testing import CliRunner

from ingestion.reference.tables import TABLES
from ingestion.workspace.formats import BILLS, GATEWAYS, LIMITS
from ingestion.workspace.gateway_facts import FACTS
from ingestion.workspace.not_yet import BILLS_NOT_YET, GATEWAYS_NOT_YET
from ingestion.workspace.settings import TOP_LEVEL
from orchestration.command import tollbook
from tests.docs import reference_page, tables_page
from tests.support.rooms import files_by_room
from tests.support.way import MODELS, files_passed, files_run, models_passed

REPOSITORY: Final = Path(__file__).parents[2]
DOCS: Final = REPOSITORY / "docs"


def section(page: Path, heading: str) -> str:
    return page.read_text().split(f"\n## {heading}\n\n")[1].split("\n## ")[0]


def test_tables_are_what_the_yaml_says(refresh: bool) -> None:
    page = DOCS / "tables.md"
    if refresh:
        page.write_text(tables_page.page())
    assert page.read_text() == tables_page.page(), "run `make docs`"


def test_columns_of_the_csvs_are_what_the_code_reads(refresh: bool) -> None:
    page = DOCS / "reference.md"
    before = section(page, "Columns")
    made = reference_page.tables(page.read_text())
    if refresh:
        page.write_text(page.read_text().replace(before, made))
    assert section(page, "Columns") == made, "run `make docs`"


def test_every_column_of_a_csv_has_a_meaning() -> None:
    text = (DOCS / "reference.md").read_text()
    for name, table in TABLES.items():
        meanings = reference_page.meanings(text, name)
        assert [column for column in table.columns if not meanings.get(column)] == [], name


def test_every_published_column_is_documented(sample: Path) -> None:
    documented = {
        (model["name"], column["name"])
        for model in tables_page.models()
        for column in model["columns"]
        if column["description"]
    }
    with duckdb.connect(sample / "marts.duckdb", read_only=True) as marts:
        published = marts.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'main'"
        ).fetchall()
    assert set(published) - documented == set()
    assert {table for table, _ in published} == {model["name"] for model in tables_page.models()}


def test_published_numbers_are_exact_but_for_milliseconds(sample: Path) -> None:
    """A HUGEINT, the type of a sum, is written to Parquet as a DOUBLE."""
    with duckdb.connect(sample / "marts.duckdb", read_only=True) as marts:
        inexact = marts.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_schema = 'main'"
            " and (data_type like '%HUGEINT%' or data_type in ('DOUBLE', 'FLOAT')) order by all"
        ).fetchall()
    assert inexact == [
        ("fct_requests", "latency_ms", "DOUBLE"),
        ("fct_requests", "ttft_ms", "DOUBLE"),
    ]


def test_every_format_and_key_is_in_the_sources_page() -> None:
    text = (DOCS / "sources.md").read_text()
    keys = {*GATEWAYS, *BILLS, *TOP_LEVEL, *FACTS, *LIMITS}
    for form in GATEWAYS.values():
        keys |= {*form.options}
    for bill in BILLS.values():
        keys |= {*bill.options, *bill.api_options}
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []
    for name, (most, _) in LIMITS.items():
        assert f"| `{name}` | {most} |" in text


def test_formats_without_a_reader_stand_under_not_yet(refresh: bool) -> None:
    assert not BILLS_NOT_YET.keys() & BILLS.keys()
    assert not GATEWAYS_NOT_YET.keys() & GATEWAYS.keys()
    page = DOCS / "sources.md"
    before = section(page, "Not yet")
    kinds = (("bill", BILLS_NOT_YET), ("gateway", GATEWAYS_NOT_YET))
    rows = [
        f"| `{name}` | {kind} | {meanwhile} |\n"
        for kind, not_yet in kinds
        for name, meanwhile in sorted(not_yet.items())
    ]
    words = before.split("\n\n")[0].rstrip()
    made = f"{words}\n\n| format | kind | meanwhile |\n|---|---|---|\n{''.join(rows)}"
    if refresh:
        page.write_text(page.read_text().replace(before, made))
    assert section(page, "Not yet") == made, "run `make docs`"


def test_every_room_is_in_the_architecture_page() -> None:
    text = (DOCS / "architecture.md").read_text()
    files = {"ingestion", "orchestration", "simulation"}
    rooms = {room.split(".")[1] for room in files_by_room() if room.split(".")[0] in files}
    folders = [
        room for room in sorted(rooms) if any((REPOSITORY / top / room).is_dir() for top in files)
    ]
    folders += [sql.parent.relative_to(MODELS).as_posix() for sql in MODELS.rglob("*.sql")]
    assert [name for name in sorted({*folders}) if f"`{name}" not in text] == []


def test_the_way_of_a_log_line_is_counted() -> None:
    assert {"ingestion/gateways", "ingestion/landing", "orchestration/exports"} <= set(
        files_passed()
    )
    run = files_run()
    assert run["ingestion/gateways"] > 5
    assert Counter(run) <= Counter(files_passed())
    assert {"staging", "requests/records", "cells", "matching", "marts/finance"} <= set(
        models_passed()
    )
    # whoever makes it longer says in docs/architecture.md why
    assert sum(run.values()) <= 54
    assert sum(files_passed().values()) <= 165
    assert sum(models_passed().values()) <= 74


def test_the_version_is_one() -> None:
    said = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    [newest, *_] = re.findall(
        r"^## (\S+)$", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert version("tollbook") == said == newest
    assert said in CliRunner().invoke(tollbook, ["--version"]).output


def test_every_target_of_make_is_in_contributing() -> None:
    phony = re.findall(r"^\.PHONY: (.*)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    targets = set(" ".join(phony).split()) - {"help", "bench-setup", "spark-setup"}
    text = (REPOSITORY / "CONTRIBUTING.md").read_text()
    assert [target for target in sorted(targets) if f"`make {target}`" not in text] == []


def test_a_format_says_what_it_was_tested_on() -> None:
    text = (REPOSITORY / "docs" / "sources.md").read_text()
    told: dict[str, set[str]] = {}
    for row in re.findall(r"^\| (`.+)\|$", text, re.MULTILINE):
        first, *_, last = row.split(" | ")
        if word := re.match(r"(real|published|documented): \S", last):
            for name in re.findall(r"`(\w+)`", first):
                told.setdefault(name, set()).add(word[1])
    assert told.keys() == {*GATEWAYS, *BILLS}
    for name, words in told.items():
        said = {each[name].tested_on for each in (GATEWAYS, BILLS) if name in each}
        assert words == said, name
