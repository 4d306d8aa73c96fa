"""Calls of Codex: the events that it sends by OpenTelemetry, or the rollouts of its sessions.

Events are OTLP as JSON lines; its traces and metrics tell no counts of a call and are not read.
Rollouts are the files below `~/.codex/sessions`. Both become spans (../spans); one place holds one
of both, or a call would be counted twice.
"""

import re
from typing import Final

from ingestion.gateways.codex.events import call_of_event
from ingestion.gateways.codex.rollouts import read_rollout
from ingestion.gateways.otel.json_logs import read_events
from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.reading.collecting import logged_text
from ingestion.reading.records.json_records import BOM
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "1"
OTLP: Final = re.compile(rb'\s*\{\s*"resource(?:Logs|Metrics|Spans)"')
# What Codex writes beside its sessions.
BESIDE: Final = re.compile(r"(?:^|/)(?:history|session_index)\.jsonl(?:\.gz|\.zst)?$")


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    """As OpenAI counts: cached tokens within the input, reasoning within the output."""
    return UsageSemantics()


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each call, and where each stands in its session."""
    collected = SpanRecords(gateway.named, gateway.limits)
    if BESIDE.search(name):
        collected.add_foreign()
        return collected.parsed
    content = logged_text(data, gateway.limits)
    if OTLP.match(content.data.removeprefix(BOM)):
        return read_events(collected, content, call_of_event)
    return read_rollout(collected, content)
