"""Restatements into the landing, before the marts that tell of them are published."""

import dagster as dg
import duckdb

from ingestion.landing.restatements import store_restatements
from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import Workspace
from orchestration.asset_keys import HISTORY, OWNERS, PUBLISHED, RESTATEMENTS


def history_asset(workspace: Workspace) -> dg.AssetsDefinition:
    @dg.asset(
        key=HISTORY,
        deps=[RESTATEMENTS],
        group_name=PUBLISHED,
        owners=[OWNERS[PUBLISHED]],
        kinds={"parquet"},
        description="What changed prices made of requests already rated: it outlives the warehouse",
        required_resource_keys={"run_lock"},
    )
    def price_restatements(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        # a build whose checks failed was never told: what it drew is stored by the next that passes
        with duckdb.connect(workspace.warehouse, read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            rows = connection.sql("FROM main.fct_price_restatements").to_arrow_table()
        created = store_restatements(open_storage(workspace.landing, private=True), rows)
        return dg.MaterializeResult(metadata={"restatements": len(created)})

    return price_restatements
