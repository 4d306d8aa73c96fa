"""Where a span stands in its run, as one row of `request_context`; of calls and of all others.

`join_key` is `span`, `join_value` `<trace>/<span>`; `attributes` is JSON with any of

- `parent`: the `join_value` of the span around it
- `kind`: call, agent, workflow, step, tool, retrieval or other
- `agent`, `workflow`, `step`, `tool`: their names; `run`: the id of an agent's run
- `session`, `customer`: as in the requests contract
- `ended_at`, `status` (where it is no success)
- `tags`, `labels`, `metadata`, `unnamed`: as `attributes` and `unnamed_attributes` of a request;
  of a call they stand in its request alone

Another format's reader writes the same words under a join key of its own.
"""

from typing import Any, Final

import msgspec

from ingestion.gateways.spans import names
from ingestion.gateways.spans.evidence import span_evidence
from ingestion.gateways.spans.kinds import AGENT, CALL, STEP, TOOL, WORKFLOW
from ingestion.gateways.spans.span import Span
from ingestion.gateways.spans.values import first_text
from ingestion.reading.landed_text import landed_name_of
from ingestion.records import Row
from ingestion.workspace.named_places import NamedPlaces

# Attribute of a context -> where a span says it.
PLACES: Final = {
    "agent": names.AGENT,
    "workflow": names.WORKFLOW,
    "step": names.STEP,
    "tool": names.TOOL,
    "run": names.RUN,
    "session": names.TEXTS["session_id"],
    "customer": names.TEXTS["customer_id"],
}
# Spans whose own name is a word that a person chose.
NAMED: Final = frozenset((AGENT, WORKFLOW, STEP, TOOL))
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_JSON: Final = msgspec.json.Decoder()


def span_context(span: Span, kind: str, named: NamedPlaces) -> Row:
    said: dict[str, Any] = {"kind": kind}
    if span.parent_id is not None:
        said["parent"] = f"{span.trace_id}/{span.parent_id}"
    for word, places in PLACES.items():
        if name := first_text(span.said, places):
            said[word] = landed_name_of(word, name)
    if kind in NAMED and kind not in said:
        own = first_text(span.said, names.ENTITY) or span.name.strip()
        if own:
            said[kind] = landed_name_of(kind, own)
    if span.ended is not None:
        said["ended_at"] = span.ended.isoformat()
    if span.is_error:
        said["status"] = "error"
    if kind != CALL:
        clear, unnamed = span_evidence(span).landed(named)
        said |= _JSON.decode(clear)
        if unnamed is not None:
            said["unnamed"] = _JSON.decode(unnamed)
    attributes = _ENCODER.encode(said).decode()
    return {
        "join_key": span.join_key,
        "join_value": span.place,
        "occurred_at": span.started,
        "attributes": attributes,
    }
