"""What Dagster loads of a workspace, and when it runs."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.asset_keys import OWNERS, PUBLISHED, SOURCES
from orchestration.assets.sources import op_names
from orchestration.assets.warehouse import reference_asset
from orchestration.definitions import defs, workspace_definitions
from orchestration.jobs import new_objects_sensor, schedules
from orchestration.running.listings import fingerprint
from orchestration.running.lock import hold
from orchestration.running.source_states import (
    REFERENCE_STATE,
    SourceState,
    stored_state,
    write_state,
)
from orchestration.running.working_folder import lock_file, sample_workspace
from tests.orchestration.small_warehouse import write_workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return write_workspace(tmp_path_factory.mktemp("acme"))


@pytest.fixture(scope="module")
def definitions(workspace: Workspace) -> dg.Definitions:
    return workspace_definitions(workspace)


def keys(definitions: dg.Definitions) -> set[str]:
    graph = definitions.resolve_asset_graph()
    return {key.to_user_string() for key in graph.get_all_asset_keys()}


def test_assets_lead_from_sources_to_the_verdict(definitions: dg.Definitions) -> None:
    expected = {"landing/prod", "reference", "warehouse/requests", "warehouse/price_book"}
    expected |= {"main/fct_requests", "main/mart_chargeback_monthly"}
    expected |= {"marts", "exports/open_months", "exports/month", "verdict"}
    assert expected <= keys(definitions)
    graph = definitions.resolve_asset_graph()
    source = dg.AssetKey(["landing", "prod"])
    verdict = graph.get(dg.AssetKey("verdict"))
    assert source in graph.get_ancestor_asset_keys(verdict.key)


def test_every_dbt_test_is_an_asset_check(definitions: dg.Definitions) -> None:
    checks = {key.name for key in definitions.resolve_asset_graph().asset_check_keys}
    tests = Path(__file__).parents[2] / "dbt_project" / "tests"
    singular = {path.stem for path in tests.glob("*.sql")}
    assert singular <= checks
    assert {"readable", "recent"} <= checks


def test_jobs_hold_everything_but_each_other(definitions: dg.Definitions) -> None:
    run = definitions.resolve_job_def("run")
    selected = {key.to_user_string() for key in run.asset_layer.executable_asset_keys}
    assert selected == keys(definitions) - {"exports/month", "ledger/month", "ledger/accrual"}
    assert run.executor_def.name == "in_process"
    for job in ("export", "close", "accrue"):
        assert definitions.resolve_job_def(job).partitions_def == dg.MonthlyPartitionsDefinition(
            "2020-01", fmt="%Y-%m", end_offset=1
        )


def test_the_environment_names_the_workspace(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOLLBOOK_WORKSPACE", str(workspace.file))
    assert "landing/prod" in keys(defs())


def test_the_schedules_ask_for_a_run_and_for_the_month_before(
    definitions: dg.Definitions,
) -> None:
    at = datetime(2026, 1, 3, 6, tzinfo=UTC)
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance,
            scheduled_execution_time=at,
            repository_def=definitions.get_repository_def(),
        )
        nightly = definitions.resolve_schedule_def("nightly")
        monthly = definitions.resolve_schedule_def("monthly")
        assert len(nightly.evaluate_tick(context).run_requests or []) == 1
        [request] = monthly.evaluate_tick(context).run_requests or []
        assert request.partition_key == "2025-12"


def test_the_sensor_runs_once_for_what_no_run_has_seen(workspace: Workspace) -> None:
    sensor = new_objects_sensor(workspace)

    def tick() -> list[str | None]:
        with dg.DagsterInstance.ephemeral() as instance:
            data = sensor.evaluate_tick(dg.build_sensor_context(instance))
        return [request.run_key for request in data.run_requests or []]

    def seen() -> None:
        location = workspace.gateways[0].location
        write_state(workspace, SourceState("prod", "ok", seen=fingerprint(workspace, location)))
        reference = fingerprint(workspace, workspace.reference)
        write_state(workspace, SourceState(REFERENCE_STATE, "ok", seen=reference))

    [first] = tick()
    assert tick() == [first]  # Dagster itself runs a run key once
    seen()
    assert tick() == []
    new = Path(workspace.gateways[0].location) / "a.jsonl"
    new.write_text("{}\n")
    [second] = tick()
    assert second != first
    new.write_text("[]\n")
    [third] = tick()
    seen()
    # as it was two runs ago: Dagster would skip a key of the listing alone
    new.unlink()
    with hold(lock_file(workspace.warehouse), "run 3", print):
        assert tick() == []
        seen()
    new.write_text("{}\n")
    os.utime(new, (0, 0))
    [fourth] = tick()
    assert tick() == [fourth]
    with hold(lock_file(workspace.warehouse), "run 4, killed before it wrote anything", print):
        pass
    [fifth] = tick()
    assert len({first, second, third, fourth, fifth}) == 5
    new.unlink()


def test_wrong_reference_data_is_not_run_again_every_minute(tmp_path: Path) -> None:
    workspace = write_workspace(tmp_path)
    reference = tmp_path / "reference"
    reference.mkdir()
    (reference / "teams.csv").write_text("team_id,colour\nx,red\n")
    lock = {"run_lock": dg.ResourceDefinition.hardcoded_resource(None)}
    with pytest.raises(dg.Failure, match="colour"):
        dg.materialize([reference_asset(workspace)], resources=lock)
    state = stored_state(workspace, REFERENCE_STATE)
    assert state.failed
    assert state.seen == fingerprint(workspace, workspace.reference)


def test_a_step_is_called_as_the_source_that_it_reads() -> None:
    names = op_names(["prod", "a-b", "a_b", "a.b"])
    assert (names["prod"], names["a_b"]) == ("read_prod", "read_a_b")
    assert len({*names.values()}) == 4
    assert all(re.fullmatch(r"read_a_b_[0-9a-f]{8}", names[name]) for name in ("a-b", "a.b"))
    # another source before it renames nothing
    assert op_names(["x", "a-b"]) == {"x": "read_x", "a-b": "read_a_b"}


def test_every_asset_has_a_step_an_owner_and_a_sentence_without_sql(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    nodes = [graph.get(key) for key in graph.get_all_asset_keys()]
    assert {node.group_name for node in nodes} == set(OWNERS)
    for node in nodes:
        assert node.owners, node.key
        assert node.description, node.key
        assert node.description.endswith((".", "`")) or node.group_name in (SOURCES, PUBLISHED)
        assert "select" not in node.description.lower().split(), node.key
        assert "```" not in node.description
    for check in graph.asset_check_keys:
        description = graph.get_check_spec(check).description
        assert description and description.endswith("."), check


def test_steps_read_only_from_steps_before_them(definitions: dg.Definitions) -> None:
    """So that the graph of groups is a line and no hairball."""
    order = list(OWNERS)
    graph = definitions.resolve_asset_graph()
    back = [
        (parent.to_user_string(), node.key.to_user_string())
        for node in map(graph.get, graph.get_all_asset_keys())
        for parent in node.parent_keys
        if order.index(str(graph.get(parent).group_name)) > order.index(str(node.group_name))
    ]
    assert back == []


def test_the_sample_starts_nothing_by_itself_and_other_workspaces_do(
    workspace: Workspace,
) -> None:
    sample = load_workspace(sample_workspace())
    started = [*schedules(workspace), new_objects_sensor(workspace)]
    waiting = [*schedules(sample), new_objects_sensor(sample)]
    assert {each.default_status.value for each in started} == {"RUNNING"}
    assert {each.default_status.value for each in waiting} == {"STOPPED"}
    assert all(each.description for each in (*started, *waiting))
