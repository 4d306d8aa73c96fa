"""Vertex AI's request-response log: the table that Google fills in BigQuery, as exported.

Lines of JSON or Parquet, a row a call: a model's whole request and answer are columns of JSON, in
Parquet texts of it. The columns of payloads and of OpenTelemetry's copy are not opened.
"""

import io
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.gateways.vertex_logs.row import logged_row
from ingestion.gateways.vertex_logs.usage import SEMANTICS
from ingestion.reading.collecting import Collected, logged_text, read_json_records
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.records.json_records import without_half_characters
from ingestion.reading.records.parquet_records import check_size, records_of
from ingestion.reading.unreadable import Unreadable, misfit
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.sections.object_limits import TooLarge
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "1"
PARQUET: Final = b"PAR1"
UNREAD: Final = frozenset(("request_payload", "response_payload", "otel_log"))
ROWS: Final = 200  # at once: a row has the texts of its call
_RECORD: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each row of the table."""
    collected = Collected(gateway.named, gateway.limits)
    if data.startswith(PARQUET):
        return _parquet(collected, data)
    return read_json_records(logged_text(data, gateway.limits), _of_json, collected, pages=True)


def _of_json(literal: bytes, record_no: int) -> Row:
    try:
        return logged_row(_decoded(literal), literal)
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None


def _decoded(literal: bytes) -> dict[str, Any]:
    try:
        return _RECORD.decode(literal)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # a text that was cut within a character costs no record
        return _RECORD.decode(without_half_characters(literal))


def _parquet(collected: Collected, data: bytes) -> Parsed:
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        check_size(file.metadata, collected.limits)
        columns = [name for name in file.schema_arrow.names if name not in UNREAD]
        for batch in file.iter_batches(batch_size=ROWS, columns=columns):
            for record in records_of(pa.Table.from_batches([batch])):
                literal = repr(sorted(record.items())).encode("utf-8", "surrogatepass")
                collected.add(literal, None, partial(_of_record, record))
    except (pa.ArrowException, OSError, ValueError) as error:
        what = str(error) if isinstance(error, TooLarge) else "damaged Parquet"
        collected.reject(what, "rest" if collected.parsed.records else "object", data)
    return collected.parsed


def _of_record(record: Mapping[str, Any], literal: bytes, record_no: int) -> Row:
    return logged_row(record, literal)
