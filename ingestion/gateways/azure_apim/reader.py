"""Azure API Management: its log of language models, and its log of all requests.

Resource logs of the categories `GatewayLlmLogs` and `GatewayLogs` in storage or from an Event Hub,
or rows of their tables in Log Analytics, joined or not. The first has a call's tokens and nobody
who made it, the second who called; they share the gateway's id of the call, and lie in different
objects.
"""

from typing import Final

from ingestion.gateways.azure_apim.gateway_log import gateway_context
from ingestion.gateways.azure_apim.row import GATEWAY, MODEL, kind_of, model_row
from ingestion.gateways.azure_apim.usage import SEMANTICS
from ingestion.gateways.spans.collecting import ContextRecords
from ingestion.reading.collecting import logged_text
from ingestion.reading.records.azure_monitor import monitor_record
from ingestion.reading.records.json_records import json_records
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "2"


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each call of a model, and who made each call of the gateway."""
    collected = ContextRecords(gateway.named, gateway.limits)

    def told(literal: bytes) -> tuple[list[Row], list[Row]]:
        said = monitor_record(literal)
        kind = kind_of(said)
        return (
            [model_row(said)] if kind == MODEL else [],
            [gateway_context(said, gateway.named)] if kind == GATEWAY else [],
        )

    content = logged_text(data, gateway.limits)
    records, end = json_records(content.data, damaged=content.damage is not None, pages=True)
    for offset, record in records:
        if collected.is_full(record, offset):
            return collected.parsed
        collected.add_told(record, offset, told)
    return collected.finish(content, end)
