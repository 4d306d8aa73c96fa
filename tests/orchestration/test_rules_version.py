"""What rebuilds every day of requests: changed SQL of theirs, or of a mart published by day."""

import shutil
from pathlib import Path

import pytest

from ingestion import vocabulary
from orchestration.dbt.invocation import PROJECT, read_manifest
from orchestration.dbt.published_models import PublishedAs
from orchestration.dbt.rules_version import deciding, rules_versions
from tests.orchestration.small_warehouse import write_workspace

METERS = "models/rating/int_request_meters.sql"
MONEY = "macros/common/money.sql"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the dbt project, which may be changed."""
    return shutil.copytree(PROJECT, tmp_path / "dbt_project")


def rules_of_days(project: Path) -> str:
    return rules_versions(project)["rules_version"]


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_every_mart_that_is_published_by_day_decides(tmp_path: Path) -> None:
    nodes = read_manifest(write_workspace(tmp_path))["nodes"].values()
    by_day = {
        f"models/{node['name']}"
        for node in nodes
        if node["config"].get("meta", {}).get("publish") == PublishedAs.PARQUET_BY_DAY.value
    }
    assert {"models/fct_requests", "models/fct_request_meters"} <= by_day
    assert by_day <= deciding(PROJECT).keys()


def test_what_builds_a_day_decides_as_dbt_says_it(tmp_path: Path) -> None:
    """All that models by day read, at any distance, and every macro that dbt finds in them."""
    manifest = read_manifest(write_workspace(tmp_path))
    nodes = {**manifest["nodes"], **manifest["macros"]}
    found = deciding(PROJECT).keys()
    models = [node for node in nodes.values() if f"models/{node['name']}" in found]
    waiting = [node["unique_id"] for node in models if node["resource_type"] == "model"]
    seen: set[str] = set()
    while waiting:
        seen.add(key := waiting.pop())
        on = nodes[key]["depends_on"]
        waiting += {*on.get("nodes", ()), *on["macros"]} & nodes.keys() - seen
    ours = {nodes[key]["name"]: key for key in seen if nodes[key]["package_name"] == "tollbook"}
    kinds = {"model": "models", "macro": "macros"}
    read = {f"{kinds[nodes[key]['resource_type']]}/{name}" for name, key in ours.items()}
    assert read
    assert read <= found


@pytest.mark.parametrize(
    ("file", "rebuilds"),
    [
        ("models/days/fct_request_meters.sql", True),
        ("models/days/fct_requests.sql", True),
        ("models/requests/changed_days/int_day_inputs.sql", True),
        (METERS, True),
        ("models/cells/int_cells.sql", True),
        ("models/marts/quality/mart_unallocated.sql", False),
        ("models/rating/int_price_restatements.sql", False),
        ("models/rating/int_day_restatements.sql", False),
        ("models/matching/int_open_cells.sql", False),
    ],
)
def test_a_changed_rule_is_another_version(project: Path, file: str, rebuilds: bool) -> None:
    before = rules_of_days(project)
    change(project / file, "final as (", "changed as (select 1),\n\nfinal as (")
    assert (rules_of_days(project) != before) is rebuilds


@pytest.mark.parametrize(
    ("file", "rebuilds"),
    [
        ("models/matching/int_open_cells.sql", True),
        ("models/marts/facts/fct_cost_allocations.sql", True),
        ("models/charges/int_charges.sql", True),
        ("models/marts/quality/mart_unallocated.sql", False),
        ("models/marts/facts/fct_cost_daily.sql", True),
        ("models/unallocated/int_rules_daily.sql", False),
    ],
)
def test_a_changed_rule_of_months_is_another_version_of_theirs(
    project: Path, file: str, rebuilds: bool
) -> None:
    before = rules_versions(project)["month_rules_version"]
    change(project / file, "final as (", "changed as (select 1),\n\nfinal as (")
    assert (rules_versions(project)["month_rules_version"] != before) is rebuilds


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (METERS, "with fees as (", "-- it's what a day is built of\nwith fees as ("),
        (METERS, "with fees as (", "{# built before #}\nwith   fees\n as ( /* of fees */"),
        (MONEY, "{% macro", "{# money's own #}\n{% macro"),
        (MONEY, "{{ adapter.dispatch", "-- what an engine says\n    {{ adapter.dispatch"),
        ("models/rating/_rating__models.yml", "description: ", "description: As said, "),
        ("models/marts/facts/_facts__models.yml", "description: ", "description: # said\n      "),
        ("dbt_project.yml", "vars:\n", "vars:\n  # what follows\n"),
        ("tests/rating/rating_rows_are_whole.sql", "'meter'", "'meter', 'quantity'"),
        ("unit_tests/rating/restatements.yml", "quantity: 1000000", "quantity: 1000001"),
        ("macros/marts/measures.sql", "sum(", "max("),
        ("macros/building/materializations.sql", "create or replace", "create"),
    ],
)
def test_what_is_only_said_of_a_day_is_no_other_version(
    project: Path, file: str, old: str, new: str
) -> None:
    before = rules_of_days(project)
    change(project / file, old, new)
    assert rules_of_days(project) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("models/days/fct_requests.sql", "'unpriced'", "'unpriced --'"),
        (METERS, "volume_uses.meter is null", "volume_uses.meter is not null"),
        # of any engine, and at any distance
        (MONEY, "10000000000", "20000000000"),
        ("macros/engines/spark.sql", "except", "but"),
        ("macros/building/days_in_hand.sql", "usage_date in (", "usage_date not in ("),
        # variables that models by day ask for
        ("dbt_project.yml", "rule_fields: []", "rule_fields: [user]"),
    ],
)
def test_a_changed_literal_macro_or_variable_is_another_version(
    project: Path, file: str, old: str, new: str
) -> None:
    before = rules_of_days(project)
    change(project / file, old, new)
    assert rules_of_days(project) != before


def test_words_that_days_are_built_with_are_part_of_the_version(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rules_of_days(project)
    monkeypatch.setattr(vocabulary, "RESIDUAL_CAUSES", ("fee",))
    assert rules_of_days(project) == before
    monkeypatch.setattr(vocabulary, "SERVICE_TIERS", ("standard",))
    assert rules_of_days(project) != before


def test_a_new_mart_by_day_and_what_it_reads_are_rules(project: Path) -> None:
    marts = project / "models" / "marts" / "facts"
    config = "{{ config(materialized='view', meta={'publish': 'parquet_by_day'}) }}\n"
    (marts / "fct_new.sql").write_text(config + "select * from {{ ref('fct_read') }}")
    (marts / "fct_read.sql").write_text('select * from {{ ref( "int_requests" ) }}')
    found = deciding(project).keys()
    assert {"models/fct_new", "models/fct_read"} <= found
    assert "models/mart_unallocated" not in found
