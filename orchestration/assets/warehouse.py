"""Reference data, and schema `landing` of the warehouse: one asset per table that dbt reads."""

import logging
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

import dagster as dg
import duckdb

from ingestion.landing.key import landing_key
from ingestion.landing.landing import open_landing
from ingestion.landing.restatements import read_restatements, with_told
from ingestion.prices.book import price_book
from ingestion.prices.litellm_map import dated_prices
from ingestion.prices.litellm_map_snapshots import snapshots
from ingestion.prices.model_names import model_names
from ingestion.reference.files import ReferenceError, read_reference
from ingestion.reference.rules.parts import DETAILS
from ingestion.reference.rules.places import CONDITIONS, with_hashes
from ingestion.reference.tables import TABLES as REFERENCE_TABLES
from ingestion.workspace.settings import Workspace
from orchestration.asset_keys import (
    OF_PRICES,
    OWNERS,
    PRICES,
    REFERENCE,
    SOURCES,
    source_key,
    warehouse_key,
)
from orchestration.assets.limit_pulls import asked_sources, pull_limits
from orchestration.closing.ledger_schema import LEDGER_TABLES, fill_ledger
from orchestration.dbt.built_tables import rows_of
from orchestration.dbt.invocation import read_rules_versions
from orchestration.publishing.last_published import published_meters, published_restatements
from orchestration.running.listings import listing
from orchestration.running.memory import duckdb_config, remove_spilt
from orchestration.running.progress import say, warn
from orchestration.running.source_states import (
    REFERENCE_STATE,
    SourceState,
    read_states,
    sources_of,
    write_state,
)
from orchestration.running.warnings import RECENT
from orchestration.running.working_folder import requests_folder, working_folder
from orchestration.warehouse.built_days import BUILT_DAYS, forget_lost_days
from orchestration.warehouse.built_months import BUILT_MONTHS
from orchestration.warehouse.landing_schema import (
    LANDING_TABLES,
    PUBLISHED_METERS,
    forget_other_rules,
    models_seen,
    open_warehouse,
    priced_span,
    replace_landing,
    sources_table,
    write_table,
)

# A gateway that stopped days before the newest data has probably lost its export; a bill saved
# by hand comes once a month. Relative to the data, so that history is not called stale.
GATEWAY_LAG: Final = timedelta(days=3)
BILL_LAG: Final = timedelta(days=35)
# What says of what a build may let stand.
BUILT: Final = (BUILT_DAYS, BUILT_MONTHS)
READ_BY_DBT: Final = (*LANDING_TABLES, *BUILT, *LEDGER_TABLES)


def reference_asset(workspace: Workspace) -> dg.AssetsDefinition:
    @dg.asset(
        key=REFERENCE,
        group_name=SOURCES,
        owners=[OWNERS[SOURCES]],
        kinds={"python", "csv"},
        description=f"The reference CSVs, checked: {workspace.reference}",
        required_resource_keys={"run_lock"},
    )
    def reference(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        seen = listing(workspace, workspace.reference, patient=True).digest
        silent = pull_limits(workspace)
        if asked_sources(workspace):
            # what the pull itself added is not news
            seen = listing(workspace, workspace.reference, settled=True).digest
        try:
            read = read_reference(workspace)
        except ReferenceError as error:
            # the sensor waits until they are corrected, and does not run every minute
            write_state(workspace, SourceState(REFERENCE_STATE, "failed", str(error), seen))
            raise dg.Failure(str(error), allow_retries=False) from error
        write_state(workspace, SourceState(REFERENCE_STATE, "ok", seen=seen))
        warn(context.log, workspace, REFERENCE_STATE, [*silent, *read.warnings])
        rows = {name: table.num_rows for name, table in read.tables.items()}
        total = sum(rows.values())
        say(context.log, f"reference: {total} rows")
        return dg.MaterializeResult(metadata={**rows, "dagster/row_count": total})

    return reference


def warehouse_assets(
    workspace: Workspace, descriptions: Mapping[str, str] | None = None, *, upkeep: bool = True
) -> dg.AssetsDefinition:
    """The tables that dbt reads, described. Without `upkeep` the landing is only read."""
    described = descriptions or {}

    @dg.multi_asset(
        name="warehouse_sources",
        specs=[_table(workspace, name, described.get(name)) for name in READ_BY_DBT],
        required_resource_keys={"run_lock"},
    )
    def warehouse_sources(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        remove_spilt(workspace)
        rules = read_rules_versions(workspace)
        with open_warehouse(workspace.warehouse, duckdb_config(workspace)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            forget_other_rules(connection, rules["rules_version"])
            forget_lost_days(connection, requests_folder(workspace.marts), note=upkeep)
            fill_landing(connection, workspace, store=upkeep)
        if upkeep:
            _sweep(context, workspace)
        rows = rows_of(workspace.warehouse, "landing")
        for table in READ_BY_DBT:
            # what has landed is a view: counting it would read every file
            known = {"dagster/row_count": rows[table]} if table in rows else {}
            yield dg.MaterializeResult(asset_key=warehouse_key(table), metadata=known)

    return warehouse_sources


def _table(workspace: Workspace, name: str, description: str | None) -> dg.AssetSpec:
    group = PRICES if name in OF_PRICES else SOURCES
    of_csv = name in {*REFERENCE_TABLES, *DETAILS, "standing_limits"}
    sources = [] if of_csv else [source_key(source.name) for source in sources_of(workspace)]
    return dg.AssetSpec(
        warehouse_key(name),
        deps=[REFERENCE, *sources],
        description=description or f"Table `{name}` of schema `landing`.",
        group_name=group,
        owners=[OWNERS[group]],
        kinds={"duckdb"},
    )


def fill_landing(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, *, store: bool = True
) -> None:
    """Schema `landing` of all that has landed and is known, the price book and names of models;
    schema `ledger` of closed months.

    Without `store`, a price map that is seen for the first time is not kept as seen.
    """
    landing = open_landing(workspace.landing)
    files = dict(landing.local_files(working_folder(workspace, "landing")))
    files[PUBLISHED_METERS] = published_meters(workspace.marts)
    reference = read_reference(workspace)
    states = read_states(workspace)
    tables = {
        **reference.tables,
        CONDITIONS: with_hashes(reference[CONDITIONS], landing_key(landing.storage, make=False)),
        "objects": landing.objects_table(),
        "sources": sources_table(
            workspace, states, files.get("bill_buckets", ()), reference["credentials"]
        ),
        # a run that was killed may have published what it could not store any more
        "price_restatements": with_told(
            read_restatements(landing.storage), published_restatements(workspace.marts)
        ),
    }
    replace_landing(connection, files, tables)
    since, until, providers = priced_span(connection)
    maps = dated_prices(snapshots(workspace, store=store))
    prices = price_book(since=since, until=until, providers=providers, mapped=maps.rows)
    write_table(connection, "price_book", prices)
    write_table(connection, "model_names", model_names(models_seen(connection), maps.names))
    fill_ledger(connection, workspace)


def _sweep(context: dg.AssetExecutionContext, workspace: Workspace) -> None:
    """Removes what a run that was killed left; after the views, which may have named it."""
    try:
        open_landing(workspace.landing).sweep()
    except Exception as error:  # files that nobody reads must not stop a run
        reason = " ".join(str(error).split())
        say(
            context.log,
            f"files that no batch needs any more stay in the landing: {reason}",
            logging.WARNING,
        )


def recent_check(workspace: Workspace) -> dg.AssetChecksDefinition:
    """Warns of sources whose newest data is far behind the newest data of all sources."""
    gateways = {gateway.name for gateway in workspace.gateways}

    @dg.multi_asset_check(
        name="sources_recent",
        specs=[
            dg.AssetCheckSpec(
                "recent",
                asset=source_key(source.name),
                additional_deps=[warehouse_key("requests"), warehouse_key("bill_buckets")],
                description="Its newest day is not far behind the newest day of all sources.",
            )
            for source in sources_of(workspace)
        ],
        required_resource_keys={"run_lock"},
    )
    def recent(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        with duckdb.connect(
            workspace.warehouse, read_only=True, config=dict(duckdb_config(workspace))
        ) as connection:
            newest = newest_days(connection)
        overall = max(newest.values(), default=None)
        told: list[str] = []
        for source in sources_of(workspace):
            day = newest.get(source.name)
            lag = GATEWAY_LAG if source.name in gateways else BILL_LAG
            late = overall is not None and (day is None or overall - day > lag)
            text = f"{source.name}: newest day {day or 'none'}, of all sources {overall or 'none'}"
            if late:
                told.append(f"{text}: is its export still running?")
            yield dg.AssetCheckResult(
                check_name="recent",
                asset_key=source_key(source.name),
                passed=not late,
                severity=dg.AssetCheckSeverity.WARN,
                description=text,
            )
        warn(context.log, workspace, RECENT, told)

    return recent


def newest_days(connection: duckdb.DuckDBPyConnection) -> dict[str, date]:
    """Source -> UTC day of its newest request, or last day that its bill covers."""
    rows = connection.execute(
        "SELECT source, CAST(max(started_until) AT TIME ZONE 'UTC' AS DATE)"
        " FROM seen.request_days GROUP BY source UNION ALL"
        " SELECT source, CAST(max(bucket_end) AT TIME ZONE 'UTC' - INTERVAL 1 SECOND AS DATE)"
        " FROM landing.bill_buckets GROUP BY source"
    ).fetchall()
    return dict(rows)
