"""What rebuilds every day of requests: a changed rule, or mart that is published by day."""

import shutil
from pathlib import Path

import pytest

from orchestration.dbt import invocation as dbt_invocation
from orchestration.dbt.invocation import dbt_vars, marts_by_day, read_manifest
from orchestration.dbt.published_models import PublishedAs
from tests.orchestration.small_warehouse import write_workspace


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project, which may be changed."""
    copy = tmp_path / "dbt_project"
    shutil.copytree(dbt_invocation.PROJECT, copy)
    monkeypatch.setattr(dbt_invocation, "PROJECT", copy)
    return copy


def test_every_mart_that_is_published_by_day_is_a_rule(tmp_path: Path) -> None:
    nodes = read_manifest(write_workspace(tmp_path))["nodes"].values()
    by_day = {
        node["original_file_path"]
        for node in nodes
        if node["config"].get("meta", {}).get("publish") == PublishedAs.PARQUET_BY_DAY.value
    }
    assert {
        "models/marts/facts/fct_requests.sql",
        "models/marts/facts/fct_request_meters.sql",
    } <= by_day
    assert by_day <= set(marts_by_day(dbt_invocation.PROJECT))


@pytest.mark.parametrize(
    ("file", "rebuilds"),
    [
        ("models/marts/facts/fct_request_meters.sql", True),
        ("models/marts/facts/fct_requests.sql", True),
        ("models/requests/int_day_inputs.sql", True),
        ("models/marts/quality/mart_unallocated.sql", False),
    ],
)
def test_a_changed_rule_is_another_version(
    tmp_path: Path, project: Path, file: str, rebuilds: bool
) -> None:
    workspace = write_workspace(tmp_path)
    before = dbt_vars(workspace)["rules_version"]
    path = project / file
    path.write_text(path.read_text().replace("final as (", "changed as (select 1),\n\nfinal as ("))
    assert (dbt_vars(workspace)["rules_version"] != before) is rebuilds


def test_a_new_mart_by_day_and_what_it_reads_are_rules(project: Path) -> None:
    marts = project / "models" / "marts" / "facts"
    config = "{{ config(materialized='view', meta={'publish': 'parquet_by_day'}) }}\n"
    (marts / "fct_new.sql").write_text(config + "select * from {{ ref('fct_read') }}")
    (marts / "fct_read.sql").write_text('select * from {{ ref( "int_requests" ) }}')
    found = marts_by_day(project)
    assert {"models/marts/facts/fct_new.sql", "models/marts/facts/fct_read.sql"} <= set(found)
    assert "models/marts/quality/mart_unallocated.sql" not in found
