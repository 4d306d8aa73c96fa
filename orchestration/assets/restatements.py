"""Restatements into the landing, once the marts that tell them are published."""

import dagster as dg

from ingestion.landing.restatements import store_restatements
from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import Workspace
from orchestration.asset_keys import HISTORY, MARTS, OWNERS, PUBLISHED
from orchestration.publishing.last_published import published_restatements


def history_asset(workspace: Workspace) -> dg.AssetsDefinition:
    @dg.asset(
        key=HISTORY,
        deps=[MARTS],
        group_name=PUBLISHED,
        owners=[OWNERS[PUBLISHED]],
        kinds={"parquet"},
        description="What changed prices made of published requests: it outlives the warehouse",
        required_resource_keys={"run_lock"},
    )
    def price_restatements(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        rows = published_restatements(workspace.marts)
        created = store_restatements(open_storage(workspace.landing, private=True), rows)
        return dg.MaterializeResult(metadata={"restatements": len(created)})

    return price_restatements
