"""Spans that Arize Phoenix exports: pages or lines of its API, and its data frames.

`GET /v1/projects/<name>/spans` and `…/spans/otlpv1` as saved pages, lines of one span each, and
`get_spans_dataframe()` as Parquet or CSV. What a span is and says is that of OpenTelemetry
(../spans). Phoenix exports no price.
"""

from typing import Final

from ingestion.gateways.phoenix.spans import ATTRIBUTES, EXPECTED, phoenix_span
from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.gateways.spans.exports import Export, read_export
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "3"
# Columns that hold texts of callers and models alone.
TEXTS: Final = frozenset(
    f"{ATTRIBUTES}{name}"
    for name in (
        *("input.value", "llm.input_messages", "llm.output_messages", "llm.tools", "llm.prompts"),
        *("embedding.embeddings", "retrieval.documents", "tool.parameters"),
    )
)
EXPORT: Final = Export(phoenix_span, TEXTS, frozenset(("start_time",)), EXPECTED)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return UsageSemantics()


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each call of a model, and the context of every span."""
    return read_export(SpanRecords(gateway.named, gateway.limits), data, EXPORT)
