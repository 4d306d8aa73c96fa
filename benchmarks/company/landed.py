"""The company's landing written as its log would land, without a log: a hundred million requests
are drawn in minutes, and reading has a benchmark of its own.
"""

from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from benchmarks.company.traffic import Traffic, draw
from benchmarks.company.workspace import LOGS, write_around
from ingestion.contracts import REQUESTS
from ingestion.landing.batches import SHAPE, Batch, LandedFile, LandedObject
from ingestion.landing.landing import open_landing
from ingestion.landing.loading import gateway_fingerprint, named_for
from ingestion.vocabulary import METERS
from ingestion.workspace import formats
from ingestion.workspace.settings import load_workspace

COUNTED: Final = {"input": "uncached", "cache_read": "cached", "output": "output"}
# What the reader makes of a line; columns that it leaves NULL are added by `_of_contract`.
LANDED: Final = """
with used as (
    select * replace (
        case when status = 'success' then uncached else 0 end as uncached,
        case when status = 'success' then cached else 0 end as cached,
        case when status = 'success' then output else 0 end as output,
        case when status = 'success' then pico else 0 end as pico
    )
    from drawn
    where started_at >= timestamp '{day}' and started_at < timestamp '{day}' + interval 1 day
)

select
    'gateway' as source,
    1 as batch,
    {object_no} as object_no,
    row_number() over (order by i) - 1 as record_no,
    md5('line-' || i) as content_hash,
    'generic:gateway:' || request_id as request_key,
    request_id,
    false as request_id_made,
    session as session_id,
    customer as user_id,
    customer as customer_id,
    timezone('UTC', started_at) as started_at,
    timezone('UTC', started_at + to_milliseconds(latency_ms)) as ended_at,
    latency_ms,
    'openai' as provider,
    model as model_requested,
    {meters},
    uncached + cached + output as provider_total_tokens,
    0 as reasoning_tokens,
    false as tokens_estimated,
    false as cache_ttl_assumed,
    status,
    cast(pico as decimal(20, 0)) * cast(0.000000000001 as decimal(13, 12)) as gateway_cost,
    1 as evidence_rank,
    '{{"cached_tokens":"' || cached || '","input_token_count":"' || uncached + cached
    || '","output_token_count":"' || output || '"}}' as raw_usage,
    '{{"tags":{{"feature":"' || feature || '","team":"' || team || '","tier":"' || tier
    || '"}}}}' as attributes
from used
order by i
"""


def write_landed_workspace(folder: Path, traffic: Traffic) -> None:
    """A new workspace whose requests have landed as one batch, an object a day."""
    (folder / LOGS).mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        draw(connection, traffic)
        write_around(connection, folder, traffic)
        _land(connection, folder, traffic)


def _land(connection: duckdb.DuckDBPyConnection, folder: Path, traffic: Traffic) -> None:
    workspace = load_workspace(folder)
    [gateway] = workspace.gateways
    landing = open_landing(workspace.landing)
    files: list[LandedFile] = []
    objects: list[LandedObject] = []
    for number, day in enumerate(traffic.dates):
        rows = _of_contract(connection.sql(_sql(str(day), number)).to_arrow_table())
        files.append(
            landing.write(
                number=1,
                table="requests",
                source=gateway.name,
                usage_date=str(day),
                rows=rows,
            )
        )
        objects.append(
            LandedObject(
                f"{day}.parquet", number, "gone", rows.num_rows, rows.num_rows, 0, str(day)
            )
        )
    landing.commit(
        Batch(
            batch=1,
            source=gateway.name,
            kind="gateway",
            reader_version=formats.reader_version(gateway.format),
            objects=objects,
            files=files,
            replaces=[],
            fingerprint=gateway_fingerprint(named_for(gateway, landing)),
            attributes=SHAPE,
        )
    )


def _sql(day: str, object_no: int) -> str:
    meters = ", ".join(f"{COUNTED.get(meter, '0')} as {meter}_quantity" for meter in METERS)
    return LANDED.format(day=day, object_no=object_no, meters=meters)


def _of_contract(rows: pa.Table) -> pa.Table:
    columns = [
        rows[field.name].cast(field.type)
        if field.name in rows.column_names
        else pa.nulls(rows.num_rows, field.type)
        for field in REQUESTS
    ]
    return pa.Table.from_arrays(columns, schema=REQUESTS)
