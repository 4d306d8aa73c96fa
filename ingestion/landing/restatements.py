"""What a changed price or contract made of requests already rated, append-only in the landing:
`price_restatements/<id>.parquet`. A warehouse rebuilt from the landing would not know it any more.
"""

import io
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.contracts import INSTANT, MONEY
from ingestion.records import SourceError
from ingestion.storage.objects import Storage

FOLDER: Final = "price_restatements"
ENDING: Final = ".parquet"

# The columns of the published table; prices are per million.
PRICE_RESTATEMENTS: Final = pa.schema(
    [
        ("restatement_id", pa.string()),
        ("sequence", pa.int64()),
        ("restated_at", INSTANT),
        ("reason", pa.string()),
        ("usage_date", pa.date32()),
        ("provider", pa.string()),
        ("model", pa.string()),
        ("meter", pa.string()),
        ("service_tier", pa.string()),
        ("price_id_before", pa.string()),
        ("price_id_after", pa.string()),
        ("list_price_before", MONEY),
        ("list_price_after", MONEY),
        ("contracted_price_before", MONEY),
        ("contracted_price_after", MONEY),
        ("requests", pa.int64()),
        ("requests_once", pa.int64()),
        ("quantity", pa.int64()),
        ("list_cost_before", MONEY),
        ("list_cost_after", MONEY),
        ("contracted_cost_before", MONEY),
        ("contracted_cost_after", MONEY),
    ]
)


def stored_ids(landing: Storage) -> set[str]:
    infos = landing.child(FOLDER).list(may_be_missing=True)
    return {info.name.removesuffix(ENDING) for info in infos if info.name.endswith(ENDING)}


def read_restatements(landing: Storage) -> pa.Table:
    """Every stored line, in the order of ids."""
    names = [f"{each}{ENDING}" for each in sorted(stored_ids(landing))]
    parts = [
        _table(f"{landing.location}/{FOLDER}/{name}", content.data)
        for name, content in landing.child(FOLDER).get_many(names)
    ]
    return pa.concat_tables([PRICE_RESTATEMENTS.empty_table(), *parts])


def with_told(stored: pa.Table, told: pa.Table) -> pa.Table:
    """Stored lines, and those of restatements that were told and are not stored yet."""
    is_stored = pc.is_in(told["restatement_id"], value_set=pc.unique(stored["restatement_id"]))
    return pa.concat_tables([stored, told.filter(pc.invert(is_stored))])


def store_restatements(landing: Storage, rows: pa.Table) -> list[str]:
    """One object per restatement that is not there yet; the ids that are new."""
    rows = rows.select(PRICE_RESTATEMENTS.names).cast(PRICE_RESTATEMENTS)
    found = set(rows["restatement_id"].to_pylist()) - stored_ids(landing)
    created = []
    for each in sorted(found):
        sink = pa.BufferOutputStream()
        of_it = rows.filter(pc.equal(rows["restatement_id"], each))
        pq.write_table(of_it, sink, compression="zstd", write_page_checksum=True)
        data = sink.getvalue().to_pybytes()
        # whoever stored the same one meanwhile stored the same lines
        if landing.child(FOLDER).create(f"{each}{ENDING}", data):
            created.append(each)
    return created


def _table(place: str, data: bytes) -> pa.Table:
    try:
        return pq.read_table(
            io.BytesIO(data), schema=PRICE_RESTATEMENTS, page_checksum_verification=True
        )
    except (pa.ArrowException, OSError) as error:
        raise SourceError(
            f"{place}: is not what was written ({error}): restore it from a backup; without it the"
            " history of restatements has a hole"
        ) from error
