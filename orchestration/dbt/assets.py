"""The dbt models as assets and their tests as asset checks, built in this process."""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import dagster as dg

from ingestion.workspace.settings import Workspace, WorkspaceError
from orchestration.dbt.built_tables import rows_and_columns_of
from orchestration.dbt.dagster_dbt_insides import NodeEvent, dbt_assets, selection_of
from orchestration.dbt.failures import failure_sentences
from orchestration.dbt.invocation import stream_build
from orchestration.dbt.passes import REQUESTS_IN_HAND, passes_before, rounds_of_records
from orchestration.dbt.published_models import PUBLISHED_SCHEMA
from orchestration.dbt.spark.request_stage import build_on_spark
from orchestration.dbt.translation import Translator
from orchestration.running.memory import duckdb_config
from orchestration.running.progress import Progress, say
from orchestration.running.working_folder import requests_folder
from orchestration.warehouse.built_days import LAST, note_built_days
from orchestration.warehouse.built_months import LAST_OF_MONTHS, note_built_months
from orchestration.warehouse.landing_schema import open_warehouse

# Unit tests prove the code, not the data: `make test` runs them.
EXCLUDED: Final = "resource_type:unit_test"

# The output of the model of that name.


def build_assets(workspace: Workspace, manifest: dict[str, Any]) -> dg.AssetsDefinition:
    translator = Translator()
    tables = _published_outputs(manifest)
    late = _told_late(manifest, tables)

    @dbt_assets(
        manifest=manifest,
        exclude=EXCLUDED,
        name="dbt_build",
        dagster_dbt_translator=translator,
        required_resource_keys={"run_lock"},
    )
    def dbt_build(context: dg.AssetExecutionContext) -> Iterator[Any]:
        selection, indirect = selection_of(context, manifest, translator, EXCLUDED)

        def counted() -> Callable[[dict[str, Any]], NodeEvent]:
            return Counter(context.log).hear

        # some assets alone are built of all that is there
        in_hand = None if context.is_subset else REQUESTS_IN_HAND
        if workspace.spark and in_hand is not None:
            for decided in rounds_of_records(workspace, in_hand, counted):
                _finish(workspace, decided)
            _stage_on_spark(context, workspace, manifest)
        for passed, left in passes_before(workspace, in_hand, counted):
            if left:
                say(context.log, f"more requests than are in hand at once: {left} days after these")
            _finish(workspace, passed)
        events = stream_build(workspace, selection, indirect, in_hand)
        counter, held = Counter(context.log), list[dg.Output[Any]]()
        while True:
            try:
                raw = next(events)
            except StopIteration as end:
                result = end.value
                break
            event = counter.hear(raw)
            for told in event.as_dagster(context, manifest, translator):
                if isinstance(told, dg.Output) and told.output_name in late:
                    # dbt holds the warehouse until it ends
                    held.append(told)
                elif not isinstance(told, dg.Output) or told.output_name not in tables:
                    yield told
                else:
                    # other models read it: Dagster wants to be told of it before them
                    yield _with_columns(told, tables[told.output_name])
        yield from _with_tables(held, tables, workspace)
        _finish(workspace, result)
        nodes = result.result.results
        tests = sum(str(node.node.resource_type) == "test" for node in nodes)
        say(context.log, f"dbt: {len(nodes) - tests} models built, {tests} tests passed")

    return dbt_build


class Counter:
    """Tells who waits how many models and tests one invocation of dbt has built."""

    def __init__(self, log: logging.Logger) -> None:
        self._progress = Progress(log, "models and tests built")
        self._done = 0

    def hear(self, raw: dict[str, Any]) -> NodeEvent:
        event = NodeEvent(raw)
        if event.is_result:
            self._done += 1
            self._progress.count(self._done, event.nodes, event.node)
        return event


def _stage_on_spark(
    context: dg.AssetExecutionContext, workspace: Workspace, manifest: Mapping[str, Any]
) -> None:
    try:
        build_on_spark(workspace, manifest, lambda text: say(context.log, text))
    except WorkspaceError as error:
        raise dg.Failure(str(error), allow_retries=False) from error


def _told_late(manifest: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Outputs of which Dagster is told when the build has ended: published ones, but those by day,
    and what reads them.
    """
    models = {
        unique_id: dg.AssetKey([node["schema"], node["name"]]).to_python_identifier()
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    late = {
        unique_id
        for unique_id, output in models.items()
        if output in tables and not _is_by_day(tables[output])
    }
    waiting = list(late)
    while waiting:
        read_by = manifest["child_map"].get(waiting.pop(), [])
        new = {child for child in read_by if child in models} - late
        late |= new
        waiting += new
    return {models[unique_id] for unique_id in late}


def _published_outputs(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Name of the output of each published model -> its node in the manifest."""
    return {
        dg.AssetKey([node["schema"], node["name"]]).to_python_identifier(): node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == PUBLISHED_SCHEMA
    }


def _is_by_day(node: Mapping[str, Any]) -> bool:
    return bool(node["config"]["materialized"] == "day_files")


def _with_columns(output: dg.Output[Any], node: Mapping[str, Any]) -> dg.Output[Any]:
    """With those of its contract, which dbt has held."""
    columns = [
        dg.TableColumn(column["name"], column["data_type"].upper(), column["description"])
        for column in node["columns"].values()
    ]
    schema = dg.TableSchema(columns)
    return output.with_metadata({**output.metadata, "dagster/column_schema": schema})


def _with_tables(
    outputs: list[dg.Output[Any]], tables: Mapping[str, Mapping[str, Any]], workspace: Workspace
) -> Iterator[dg.Output[Any]]:
    """What was published with the columns that it has and, of tables, the rows."""
    if not outputs:
        return
    rows, columns = rows_and_columns_of(workspace.warehouse, PUBLISHED_SCHEMA)
    for output in outputs:
        if output.output_name not in tables:
            yield output
            continue
        node = tables[output.output_name]
        schema = dg.TableSchema(
            [
                dg.TableColumn(name, kind, node["columns"].get(name, {}).get("description"))
                for name, kind in columns.get(node["alias"], ())
            ]
        )
        counted = {"dagster/row_count": rows[node["alias"]]} if node["alias"] in rows else {}
        yield output.with_metadata({**output.metadata, "dagster/column_schema": schema, **counted})


def _finish(workspace: Workspace, result: Any) -> None:
    if result is None or not result.success:
        sentences = failure_sentences(result)
        raise dg.Failure("\n".join(sentences), allow_retries=False)
    built = {node.node.name for node in result.result.results}
    if LAST in built:
        with open_warehouse(workspace.warehouse, duckdb_config(workspace)) as connection:
            note_built_days(connection, requests_folder(workspace.marts))
    if LAST_OF_MONTHS in built:
        with open_warehouse(workspace.warehouse, duckdb_config(workspace)) as connection:
            note_built_months(connection)
