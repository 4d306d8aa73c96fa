"""One asset per gateway and bill. A source that cannot be read stops neither itself nor others:
its failure is recorded, its check fails, and the verdict at the end names it.
"""

import hashlib
import logging
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg

from ingestion.landing.bills import load_bill
from ingestion.landing.compaction import compact
from ingestion.landing.landing import Landing, open_landing
from ingestion.landing.loading import LoadResult, load_gateway
from ingestion.records import SourceError
from ingestion.workspace.settings import Workspace
from ingestion.workspace.sources import Bill, Gateway
from orchestration.asset_keys import OWNERS, SOURCES, source_key
from orchestration.assets.api_pulls import pull_api
from orchestration.assets.bill_pulls import pull_bill
from orchestration.assets.database_pulls import pull_database
from orchestration.running.listings import Listing, listing
from orchestration.running.progress import Progress, say, warn
from orchestration.running.source_states import (
    SourceState,
    no_objects,
    seen_files,
    sources_of,
    write_state,
)


def source_assets(workspace: Workspace) -> list[dg.AssetsDefinition]:
    names = op_names([source.name for source in sources_of(workspace)])
    return [_source_asset(workspace, each, names[each.name]) for each in sources_of(workspace)]


def op_names(sources: Sequence[str]) -> dict[str, str]:
    """Source -> the name of the step that reads it; what else is configured hardly changes it."""
    plain = {name: re.sub(r"[^A-Za-z0-9_]", "_", name) for name in sources}
    taken = Counter(plain.values())

    def suffix(name: str) -> str:
        if taken[plain[name]] == 1 or plain[name] == name:
            return ""
        # `a-b` beside `a_b` or `a.b`
        return f"_{hashlib.sha256(name.encode()).hexdigest()[:8]}"

    return {name: f"read_{plain[name]}{suffix(name)}" for name in sources}


def _source_asset(
    workspace: Workspace, source: Gateway | Bill, op_name: str
) -> dg.AssetsDefinition:
    key = source_key(source.name)
    kind = "bill" if isinstance(source, Bill) else "gateway"

    @dg.multi_asset(
        name=op_name,
        specs=[
            dg.AssetSpec(
                key,
                description=f"New and changed objects of {kind} {source.name}: {source.location}",
                group_name=SOURCES,
                owners=[OWNERS[SOURCES]],
                kinds={"python", source.format},
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(
                "readable", asset=key, description="The source could be read to its end."
            )
        ],
        required_resource_keys={"run_lock"},
    )
    def read(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        began = time.monotonic()
        state, result = _read(context, workspace, source)
        write_state(workspace, state)
        metadata = {**_metadata(state, result), "seconds": round(time.monotonic() - began, 1)}
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        yield dg.AssetCheckResult(
            check_name="readable",
            asset_key=key,
            passed=not state.failed,
            description=state.message or None,
        )

    return read


def _read(
    context: dg.AssetExecutionContext, workspace: Workspace, source: Gateway | Bill
) -> tuple[SourceState, LoadResult | None]:
    seen = Listing("", "", "")
    try:
        # before reading: what arrives meanwhile must look new to the sensor
        seen = listing(workspace, source.location, patient=True)
        result = _load(context, workspace, source)
        if source.api or (isinstance(source, Gateway) and source.database):
            # what the pull itself added is not news
            seen = listing(workspace, source.location, settled=True)
    except SourceError as error:
        message = " ".join(str(error).split())
    except Exception as error:  # one broken reader must not stop the other sources
        context.log.exception(f"{source.name}: unexpected error")
        message = f"unexpected {type(error).__name__}: {' '.join(str(error).split())}"
    else:
        say(
            context.log,
            f"{source.name}: {result.objects_seen} objects, {result.objects_new} new or changed,"
            f" {result.landed} records landed, {result.quarantined} quarantined",
        )
        sentences = [*_listing_nothing(source, result), *result.warnings]
        warn(context.log, workspace, source.name, sentences)
        return _state(source, "ok", "", seen, result.unopened), result
    say(context.log, f"{source.name}: {message}", logging.ERROR)
    return _state(source, "failed", message, seen), None


def _state(
    source: Gateway | Bill, status: str, message: str, seen: Listing, unopened: int = 0
) -> SourceState:
    return SourceState(
        *(source.name, status, message, seen.digest, unopened, seen.after, seen.recent)
    )


def _listing_nothing(source: Gateway | Bill, result: LoadResult) -> list[str]:
    if isinstance(source, Bill) or result.objects_seen:
        return []
    return [no_objects(source)]


def _load(
    context: dg.AssetExecutionContext, workspace: Workspace, source: Gateway | Bill
) -> LoadResult:
    landing = open_landing(workspace.landing)
    result = _land(context, workspace, source, landing)
    if result.batch is not None:
        _tidy(context, landing, source.name)
    return result


def _tidy(context: dg.AssetExecutionContext, landing: Landing, source: str) -> None:
    try:
        compact(landing, source)
        landing.checkpoint()
    except Exception as error:  # the batch has landed: many small files are only slower to read
        reason = " ".join(str(error).split())
        say(
            context.log,
            f"{source}: its small files were not merged, the next batch tries again: {reason}",
            logging.WARNING,
        )


def _land(
    context: dg.AssetExecutionContext,
    workspace: Workspace,
    source: Gateway | Bill,
    landing: Landing,
) -> LoadResult:
    seen = seen_files(workspace, source.name)
    if isinstance(source, Bill):
        if source.api:
            for note in pull_bill(source, workspace.since, datetime.now(UTC).date()):
                say(context.log, note, logging.WARNING)
        return load_bill(source, landing, seen)
    told = pull_database(source, workspace.since)
    pull_api(workspace, source)
    progress = Progress(context.log, f"{source.name}: objects read")
    result = load_gateway(source, landing, progress.count, seen)
    return replace(result, warnings=(*told, *result.warnings))


def _metadata(state: SourceState, result: LoadResult | None) -> dict[str, str | int]:
    if result is None:
        return {"status": state.status, "message": state.message}
    return {
        "status": state.status,
        "objects": result.objects_seen,
        "new objects": result.objects_new,
        "records": result.records,
        "dagster/row_count": result.landed,
        "quarantined": result.quarantined,
    }
