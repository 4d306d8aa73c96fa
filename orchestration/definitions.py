"""What Dagster loads: the assets, jobs, schedules and sensor of one workspace."""

import dagster as dg

from ingestion.workspace.settings import Workspace
from orchestration.assets.ledger import accrued_month_asset, closed_month_asset
from orchestration.assets.marts import exports_asset, marts_asset, month_asset, verdict_asset
from orchestration.assets.restatements import history_asset
from orchestration.assets.sources import source_assets
from orchestration.assets.warehouse import recent_check, reference_asset, warehouse_assets
from orchestration.checks.controls import control_checks
from orchestration.checks.prices import price_checks
from orchestration.dbt.assets import build_assets
from orchestration.dbt.invocation import read_manifest
from orchestration.dbt.published_models import PUBLISHED_SCHEMA
from orchestration.dbt.translation import source_descriptions, with_checks
from orchestration.jobs import jobs, new_objects_sensor, schedules
from orchestration.month_ends import closing_schedules
from orchestration.running.progress import progress_logger
from orchestration.running.run_lock import RunLock
from orchestration.running.working_folder import lock_file, workspace_from_environment
from orchestration.watching.schedule import watch_job, watch_schedule


@dg.definitions
def defs() -> dg.Definitions:
    return workspace_definitions(workspace_from_environment())


def workspace_definitions(workspace: Workspace) -> dg.Definitions:
    """Parses the dbt project where its manifest is absent or stale."""
    manifest = with_checks(read_manifest(workspace))
    built = build_assets(workspace, manifest)
    return dg.Definitions(
        assets=[
            *source_assets(workspace),
            reference_asset(workspace),
            warehouse_assets(workspace, source_descriptions(manifest)),
            built,
            marts_asset(workspace, manifest, _published(built)),
            history_asset(workspace),
            exports_asset(workspace),
            month_asset(workspace),
            accrued_month_asset(workspace),
            closed_month_asset(workspace),
            verdict_asset(workspace),
        ],
        asset_checks=[
            recent_check(workspace),
            price_checks(workspace),
            control_checks(workspace),
        ],
        jobs=[*jobs(workspace), watch_job(workspace)],
        schedules=[
            *schedules(workspace),
            *closing_schedules(workspace),
            watch_schedule(workspace),
        ],
        sensors=[new_objects_sensor(workspace)],
        resources={"run_lock": RunLock(path=str(lock_file(workspace.warehouse)))},
        # one process holds the lock and the warehouse from the first step to the last
        executor=dg.in_process_executor,
        loggers={"console": progress_logger},
    )


def _published(built: dg.AssetsDefinition) -> list[dg.AssetKey]:
    return sorted(key for key in built.keys if key.path[0] == PUBLISHED_SCHEMA)
