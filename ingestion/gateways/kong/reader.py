"""Entries of Kong's log plugins (file-log, http-log, tcp-log, …) with what its AI plugins say.

A line for each request through Kong, or the arrays that http-log sends. A request with nothing of a
model in `ai` is foreign: other APIs, MCP, what Kong refused before a plugin of AI saw it.
"""

from typing import Final

from ingestion.gateways.access_logs.collecting import AccessLog, record_of
from ingestion.gateways.access_logs.usage import SEMANTICS
from ingestion.gateways.kong.entry import entry_rows
from ingestion.reading.collecting import logged_text, read_json_records
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "2"


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each call of a model."""
    collected = AccessLog(gateway.named, gateway.limits)
    return read_json_records(logged_text(data, gateway.limits), _rows, collected)


def _rows(literal: bytes, record_no: int) -> list[Row]:
    return entry_rows(record_of(literal), literal)
