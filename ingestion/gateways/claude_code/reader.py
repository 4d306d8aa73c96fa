"""Calls of Claude Code: the events that it sends by OpenTelemetry, or the transcripts of sessions.

Events are OTLP as JSON lines, of which `api_request` and `api_error` are calls; its metrics are
sums of the same calls and are not read. Transcripts are the files below `~/.claude/projects`.
Both become spans (../spans); one place holds one of both, or a call would be counted twice.
"""

import re
from typing import Final

from ingestion.gateways.claude_code.events import call_of_event
from ingestion.gateways.claude_code.transcripts import read_transcript
from ingestion.gateways.otel.json_logs import read_events
from ingestion.gateways.spans.collecting import SpanRecords
from ingestion.reading.collecting import logged_text
from ingestion.reading.records.json_records import BOM
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "2"
# As Anthropic counts: cache reads and writes stand beside the input, thinking within the output.
SEMANTICS: Final = UsageSemantics(input_includes_cache=False, total_includes_cache=False)
OTLP: Final = re.compile(rb'\s*\{\s*"resource(?:Logs|Metrics|Spans)"')
# What Claude Code writes beside its transcripts.
BESIDE: Final = re.compile(
    r"(?:\.meta\.json|sessions-index\.json)(?:\.gz|\.zst)?$|(?:^|/)tool-results/"
)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each call, and where each stands in its session."""
    collected = SpanRecords(gateway.named, gateway.limits, semantics=SEMANTICS)
    if BESIDE.search(name):
        collected.add_foreign()
        return collected.parsed
    content = logged_text(data, gateway.limits)
    if OTLP.match(content.data.removeprefix(BOM)):
        return read_events(collected, content, call_of_event)
    return read_transcript(collected, content)
