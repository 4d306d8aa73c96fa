"""What has landed since the marts were published, of the last day: no run has built it yet."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import REQUESTS
from ingestion.landing.batches import Batch, LandedFile, visible
from ingestion.landing.landing import Landing
from ingestion.landing.loading import load_gateway
from ingestion.records import SourceError
from ingestion.vocabulary import METERS
from ingestion.workspace.settings import Workspace
from ingestion.workspace.sources import Gateway
from orchestration.running.last_run import last_run
from orchestration.running.source_states import seen_files

QUANTITIES: Final = tuple(f"{meter}_quantity" for meter in METERS)
COLUMNS: Final = (
    *("source", "batch", "object_no", "record_no", "request_id", "request_id_made", "started_at"),
    *("ended_at", "user_id", "gateway_key_id", "gateway_key_alias", "deployment_id", "provider"),
    *("credential_hint", "region", "model_requested", "model_routed", "model_served"),
    *("model_mapped", "service_tier", "service_tier_asked", "status", "cache_layer", "operation"),
    *("attempt_no", "call_id"),
    *QUANTITIES,
)
_SCHEMA: Final = pa.schema([REQUESTS.field(name) for name in COLUMNS])


def watched(workspace: Workspace) -> list[Gateway]:
    """Gateways whose objects come by themselves; others are asked by runs alone."""
    return [each for each in workspace.gateways if not each.database and not each.api]


def land_new(workspace: Workspace, landing: Landing, told: Callable[[str], object]) -> int:
    """Lands new and changed objects as a run would; how many. One that fails stops no other."""
    new = 0
    for gateway in watched(workspace):
        try:
            result = load_gateway(gateway, landing, seen=seen_files(workspace, gateway.name))
        except SourceError as error:
            told(f"{gateway.name}: {' '.join(str(error).split())}")
            continue
        new += result.objects_new
    return new


def unbuilt_use(workspace: Workspace, landing: Landing) -> pa.Table:
    """Rows of current objects in batches that came after the last whole run, of the last two days
    that these have.
    """
    last = last_run(workspace)
    after = last.batches if last else 0
    batches = landing.batches()
    names = {file.path for batch in batches if batch.batch > after for file in batch.files}
    files = [
        file
        for path, file in visible(batches).items()
        if path in names and file.table == "requests"
    ]
    files = list(_recent(files))
    tables = [pq.read_table(BytesIO(data)) for data in landing.read(files)]
    rows = [_with_columns(table) for table in tables]
    landed = pa.concat_tables(rows) if rows else _SCHEMA.empty_table()
    return _current(landed, batches, after)


def _recent(files: list[LandedFile]) -> Iterator[LandedFile]:
    newest = max((file.usage_date for file in files), default="")
    if newest:
        first = (date.fromisoformat(newest) - timedelta(days=1)).isoformat()
        yield from (file for file in files if file.usage_date >= first)


def _with_columns(table: pa.Table) -> pa.Table:
    """Files of earlier releases lack some."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in _SCHEMA
    ]
    return pa.table(columns, schema=_SCHEMA)


def _current(landed: pa.Table, batches: list[Batch], after: int) -> pa.Table:
    newest = {
        (batch.source, each.object): (batch.source, batch.batch, each.object_no)
        for batch in batches
        for each in batch.objects
    }
    standing = set(newest.values())
    places = zip(
        *(landed[name].to_pylist() for name in ("source", "batch", "object_no")), strict=True
    )
    kept = [place in standing and place[1] > after for place in places]
    return landed.filter(pa.array(kept, pa.bool_()))
