"""One record of Langfuse as a span: an observation or a trace, in any of its spellings.

Exports write `start_time`, the API `startTime`. Objects stand as such, as JSON in a cell, or as a
map of texts; what an OpenTelemetry span said before Langfuse read it stands in its metadata.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ingestion.gateways.spans.held import held
from ingestion.gateways.spans.langfuse import METADATA, OBSERVATION, TYPE
from ingestion.gateways.spans.names import COUNTS
from ingestion.gateways.spans.span import Span
from ingestion.reading.instants import text_instant, utc_instant
from ingestion.reading.records.parquet_records import UNHELD
from ingestion.reading.unreadable import Unreadable, shown

JOIN_KEY: Final = "langfuse"
# What stands around all observations of a trace.
ROOT: Final = "trace"
STARTS: Final = ("start_time", "startTime", "timestamp")
EXPECTED: Final = (
    "no record of Langfuse: expected `id` and `start_time` of an observation, or `timestamp` of a"
    " trace"
)
# Attribute -> the field that says it, of an observation.
FIELDS: Final = {
    f"{OBSERVATION}model.name": ("provided_model_name", "model"),
    f"{OBSERVATION}model.parameters": ("model_parameters",),
    f"{OBSERVATION}usage_details": ("usage_details", "usage"),
    f"{OBSERVATION}cost_details": ("cost_details",),
    f"{OBSERVATION}completion_start_time": ("completion_start_time",),
    f"{OBSERVATION}level": ("level",),
    f"{OBSERVATION}status_message": ("status_message",),
    "langfuse.trace.name": ("trace_name",),
}
# The same of a trace.
AROUND: Final = {
    "user.id": ("user_id",),
    "session.id": ("session_id",),
    "langfuse.environment": ("environment",),
    "langfuse.release": ("release",),
    "langfuse.version": ("version",),
}
COSTS: Final = ("total_cost", "calculated_total_cost")
UNITS: Final = ("unit", "inputCost", "outputCost", "totalCost")
# What an OpenTelemetry span was, in the metadata that Langfuse makes of it.
SPOKEN: Final = ("attributes", "resourceAttributes", "scope")
# LiteLLM's callback of before: `time-10-00-00-123456_chatcmpl-1`.
ANSWERED: Final = re.compile(r"time-[\d-]{8,24}_([\w-]{4,120})")


def langfuse_span(record: Mapping[str, Any]) -> Span | None:
    """None for a score and a manifest. Raises Unreadable; where its start is read, with the day."""
    if "files" in record and "tables" in record:
        return None
    is_observation = _said(record, ("start_time",)) is not None
    if not is_observation and _said(record, ("trace_id",)) is not None and "timestamp" in record:
        return None
    started = _moment(record, "start_time" if is_observation else "timestamp")
    if started is None:
        raise Unreadable(None, EXPECTED)
    try:
        return _observation(record, started) if is_observation else _trace(record, started)
    except Unreadable as refusal:
        refusal.day = started.date()
        raise


def _observation(record: Mapping[str, Any], started: datetime) -> Span:
    metadata = _object(record, "metadata")
    spoken = {name: held(metadata.get(name)) for name in SPOKEN}
    scope, attributes = spoken["scope"], _spoken(spoken["attributes"])
    own = _id(record, "id")
    return Span(
        trace_id=_id(record, "trace_id", own),
        span_id=own,
        parent_id=_id(record, "parent_observation_id", ROOT),
        name=_text(record.get("name")),
        scope=_text(scope.get("name")) if isinstance(scope, dict) else "",
        started=started,
        ended=_moment(record, "end_time"),
        said=attributes | _attributes(record, metadata, attributes),
        resource=_spoken(spoken["resourceAttributes"]),
        join_key=JOIN_KEY,
    )


def _attributes(
    record: Mapping[str, Any], metadata: Mapping[str, Any], spoken: Mapping[str, Any]
) -> dict[str, Any]:
    """What a span counted itself goes before what Langfuse made of its counts."""
    said = {name: _said(record, fields) for name, fields in (FIELDS | AROUND).items()}
    said |= {f"{METADATA}{name}": value for name, value in metadata.items() if name not in SPOKEN}
    said[f"{OBSERVATION}usage_details"] = None if _counts(spoken) else _usage(record)
    said["llm.cost.total"] = _said(record, COSTS)
    said["langfuse.trace.tags"] = _said(record, ("tags",))
    said[TYPE] = _text(_said(record, ("type",))) or "span"
    said["langfuse.prompt"] = _prompt(record)
    if found := ANSWERED.fullmatch(_text(record.get("id"))):
        said["gen_ai.response.id"] = found[1]
    seconds = _said(record, ("time_to_first_token",))
    said["gen_ai.response.time_to_first_chunk"] = seconds
    return {name: value for name, value in said.items() if value is not None}


def _trace(record: Mapping[str, Any], started: datetime) -> Span:
    metadata = _object(record, "metadata")
    said = {name: _said(record, fields) for name, fields in AROUND.items()}
    said |= {
        f"langfuse.trace.metadata.{name}": value
        for name, value in metadata.items()
        if name not in SPOKEN
    }
    said["langfuse.trace.tags"] = _said(record, ("tags",))
    said[TYPE] = ROOT
    return Span(
        trace_id=_id(record, "id"),
        span_id=ROOT,
        parent_id=None,
        name=_text(record.get("name")),
        scope="",
        started=started,
        ended=None,
        said={name: value for name, value in said.items() if value is not None},
        resource={},
        join_key=JOIN_KEY,
    )


def _usage(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Counts; the API's older `usage` has their unit and prices beside them."""
    usage = _object(record, "usage_details") or _object(record, "usage")
    return {name: value for name, value in usage.items() if name not in UNITS} or None


def _prompt(record: Mapping[str, Any]) -> str | None:
    name = _text(_said(record, ("prompt_name",)))
    version = _said(record, ("prompt_version",))
    return f"{name}:{version}" if name and version is not None else name or None


def _said(record: Mapping[str, Any], fields: tuple[str, ...]) -> Any:
    """The first that says something, as exports or as the API spell it."""
    for field in fields:
        for name in (field, _camel(field)):
            value = record.get(name)
            if value is not None and value != "" and value is not UNHELD:
                return _plain(value)
    return None


def _plain(value: Any) -> Any:
    """Maps of Parquet are lists of pairs."""
    if isinstance(value, list) and value and all(isinstance(each, tuple) for each in value):
        return dict(value)
    return value


def _object(record: Mapping[str, Any], field: str) -> dict[str, Any]:
    said = held(_said(record, (field,)))
    return said if isinstance(said, dict) else {}


def _spoken(attributes: Any) -> dict[str, Any]:
    """Langfuse makes texts of its values: of lists JSON."""
    said = attributes.items() if isinstance(attributes, dict) else ()
    return {name: value if (found := held(value)) is None else found for name, value in said}


def _counts(spoken: Mapping[str, Any]) -> bool:
    return any(name in spoken for side in ("input", "output") for name in COUNTS[side])


def _id(record: Mapping[str, Any], field: str, otherwise: str | None = None) -> str:
    value = _said(record, (field,))
    if value is None and otherwise is not None:
        return otherwise
    if not isinstance(value, str | int):
        raise Unreadable(field, "missing" if value is None else "not an id")
    return str(value)


def _moment(record: Mapping[str, Any], field: str) -> datetime | None:
    value = record.get(field, record.get(_camel(field)))
    if value is UNHELD:
        raise Unreadable(field, "a time that no time can hold")
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return utc_instant(value, field)
    if isinstance(value, str):
        return text_instant(value, field)
    raise Unreadable(field, "not a time", value=shown(value))


def _camel(field: str) -> str:
    first, *others = field.split("_")
    return first + "".join(map(str.capitalize, others))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
