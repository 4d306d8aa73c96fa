"""Runs that LangSmith exports: the Parquet of a bulk export, lines or saved pages of its API.

`<prefix>/export_id=…/tenant_id=…/session_id=…/runs/year=…/month=…/day=…/*.parquet`, where
exports that overlap have a run more than once; lines of one run each (`client.list_runs`), and
pages of `POST /runs/query`. A run is a span (../spans); only runs of models are requests.
"""

import io
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.gateways.langsmith.runs import run_span
from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.gateways.spans.span import Span
from ingestion.reading.collecting import logged_text
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.json_records import json_records
from ingestion.reading.parquet_records import check_size, records_of
from ingestion.reading.token_counts import UsageSemantics
from ingestion.reading.unreadable import Unreadable, misfit
from ingestion.records import Parsed
from ingestion.workspace.object_limits import TooLarge
from ingestion.workspace.settings import Gateway

READER_VERSION: Final = "1"
PARQUET: Final = b"PAR1"
# Columns of no use: feedback of readers, what a run was made with.
UNREAD: Final = frozenset(("feedback_stats", "serialized", "manifest", "inputs_preview"))
ROWS: Final = 200  # at once: a run has the texts of its call
_RECORD: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return UsageSemantics()


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each call of a model, and the context of every run."""
    collected = SpanRecords(gateway.named, gateway.limits)
    if data.startswith(PARQUET):
        return _parquet(collected, data)
    content = logged_text(data, gateway.limits)
    records, end = json_records(content.data, damaged=content.damage is not None, pages=True)
    for offset, record in records:
        if collected.is_full(record, offset):
            return collected.parsed
        collected.add_span(record, offset, _span_of_json)
    return collected.finish(content, end)


def _span_of_json(literal: bytes) -> Span:
    try:
        return run_span(_RECORD.decode(literal))
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8") from None


def _parquet(collected: SpanRecords, data: bytes) -> Parsed:
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        check_size(file.metadata, collected.limits)
        columns = [name for name in file.schema_arrow.names if name not in UNREAD]
        for batch in file.iter_batches(batch_size=ROWS, columns=columns):
            for record in records_of(pa.Table.from_batches([batch])):
                literal = repr(sorted(record.items())).encode("utf-8", "surrogatepass")
                collected.add_span(literal, None, partial(_span_of_record, record))
    except (pa.ArrowException, OSError, ValueError) as error:
        what = str(error) if isinstance(error, TooLarge) else "damaged Parquet"
        collected.reject(what, "rest" if collected.parsed.records else "object", data)
    return collected.parsed


def _span_of_record(record: Mapping[str, Any], literal: bytes) -> Span:
    return run_span(record)
