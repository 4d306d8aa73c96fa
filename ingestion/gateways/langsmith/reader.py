"""Runs that LangSmith exports: the Parquet of a bulk export, lines or saved pages of its API.

`<prefix>/export_id=…/tenant_id=…/session_id=…/runs/year=…/month=…/day=…/*.parquet`, where
exports that overlap have a run more than once; lines of one run each (`client.list_runs`), and
pages of `POST /runs/query`. A run is a span (../spans); only runs of models are requests.
"""

from typing import Final

from ingestion.gateways.langsmith.runs import run_span
from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.gateways.spans.exports import Export, read_export
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "3"
# Columns of no use: feedback of readers, what a run was made with.
UNREAD: Final = frozenset(("feedback_stats", "serialized", "manifest", "inputs_preview"))
# a run has the texts of its call, so that few are in hand at once
EXPORT: Final = Export(run_span, UNREAD, rows=200)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return UsageSemantics()


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each call of a model, and the context of every run."""
    return read_export(SpanRecords(gateway.named, gateway.limits), data, EXPORT)
