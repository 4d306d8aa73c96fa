"""The dbt models as assets and their tests as asset checks, built in this process."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from ingestion.workspace.settings import Workspace
from orchestration.asset_keys import warehouse_key
from orchestration.dbt.dagster_dbt_insides import NodeEvent, selection_of
from orchestration.dbt.failures import failure_sentences
from orchestration.dbt.invocation import stream_build
from orchestration.running.progress import PROGRESS_SECONDS, say

# Unit tests prove the code, not the data: `make test` runs them.
EXCLUDED: Final = "resource_type:unit_test"


class Translator(DagsterDbtTranslator):
    """Models keep `[schema, name]`; dbt's sources are the assets of the warehouse step."""

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: Any
    ) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        if unique_id.startswith("source."):
            return spec.replace_attributes(
                key=warehouse_key(manifest["sources"][unique_id]["name"])
            )
        return spec


def with_test_homes(manifest: dict[str, Any]) -> dict[str, Any]:
    """Gives every singular test of several models a home, so that it becomes an asset check.

    The home is the last model that the test names, unless its own meta says another one.
    """
    for node in manifest["nodes"].values():
        parents = [
            name for name in node["depends_on"].get("nodes", []) if name.startswith("model.")
        ]
        if node["resource_type"] != "test" or node.get("attached_node") or not parents:
            continue
        dagster_meta = node["config"].setdefault("meta", {}).setdefault("dagster", {})
        dagster_meta.setdefault("ref", {"name": manifest["nodes"][parents[-1]]["name"]})
    return manifest


def build_assets(workspace: Workspace, manifest: dict[str, Any]) -> dg.AssetsDefinition:
    translator = Translator()

    @dbt_assets(
        manifest=manifest,
        exclude=EXCLUDED,
        name="dbt_build",
        dagster_dbt_translator=translator,
        required_resource_keys={"run_lock"},
    )
    def dbt_build(context: dg.AssetExecutionContext) -> Iterator[Any]:
        selection, indirect = selection_of(context, manifest, translator, EXCLUDED)
        progress = BuildProgress(context)
        events = stream_build(workspace, selection, indirect)
        while True:
            try:
                event = NodeEvent(next(events))
            except StopIteration as end:
                result = end.value
                break
            if event.is_result:
                progress.done(event)
            yield from event.as_dagster(context, manifest, translator)
        _finish(context, workspace, result)

    return dbt_build


class BuildProgress:
    """Says every few seconds how far a long build is."""

    def __init__(self, context: dg.AssetExecutionContext) -> None:
        self.context = context
        self.nodes = 0
        self.told = time.monotonic()

    def done(self, event: NodeEvent) -> None:
        self.nodes += 1
        if time.monotonic() - self.told >= PROGRESS_SECONDS:
            self.told = time.monotonic()
            say(self.context.log, f"dbt: {self.nodes} of {event.nodes}, last {event.node}")


def _finish(context: dg.AssetExecutionContext, workspace: Workspace, result: Any) -> None:
    if result is None or not result.success:
        sentences = failure_sentences(result, workspace.warehouse)
        raise dg.Failure("\n".join(sentences), allow_retries=False)
    nodes = result.result.results
    tests = sum(str(node.node.resource_type) == "test" for node in nodes)
    say(context.log, f"dbt: {len(nodes) - tests} models built, {tests} tests passed")
