"""What Langfuse exports: observations, some of them calls of models, and the traces around them.

Its blob storage integration (`observations`, `observations_v2` and `traces` as JSON, JSON lines,
CSV or Parquet) and saved pages of its API (`/api/public/observations`, `…/v2/observations` with all
fields, `…/traces`); scores and manifests below the same location are passed over. Calls are read
as spans are (../spans). A request's `join_key` is `langfuse`, a trace's place `<trace>/trace`.
"""

from typing import Final

from ingestion.gateways.langfuse.records import EXPECTED, STARTS, langfuse_span
from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.gateways.spans.exports import Export, read_export
from ingestion.gateways.spans.langfuse_usage import BESIDE
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "2"
# Columns that hold texts of callers and models alone.
TEXTS: Final = frozenset(("input", "output", "tool_calls", "tool_definitions"))
EXPORT: Final = Export(langfuse_span, TEXTS, frozenset(STARTS), EXPECTED)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    """By convention; a total that was sent goes before it."""
    return BESIDE


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each call of a model, and the context of all others."""
    return read_export(SpanRecords(gateway.named, gateway.limits), data, EXPORT)
