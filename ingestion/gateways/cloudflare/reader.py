"""Logs of Cloudflare's AI Gateway: saved pages of its logs API, or what Logpush writes.

A page has its logs in `result`, an answer for one log its log; lines of logs, and arrays of pages
or logs, are read too. Logpush writes a line for each event of the dataset `ai_gateway_events`,
whose bodies and metadata are encrypted.
"""

from typing import Final

from ingestion.gateways.access_logs.collecting import AccessLog, record_of
from ingestion.gateways.access_logs.usage import SEMANTICS
from ingestion.gateways.cloudflare.row import log_row
from ingestion.reading.collecting import logged_text, read_json_records
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "2"


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each log."""
    collected = AccessLog(gateway.named, gateway.limits)
    return read_json_records(logged_text(data, gateway.limits), _rows, collected, pages=True)


def _rows(literal: bytes, record_no: int) -> list[Row]:
    record = record_of(literal)
    if "id" not in record and record.get("success") is True:
        result = record.get("result")
        if result == []:
            return []  # a page after the last
        record = result if isinstance(result, dict) else record
    return [log_row(record, literal)]
