"""One run as LangSmith exports it: a row of its Parquet, a record of its API.

A run is a span: `llm` and `embedding` are calls, all others stand around them, and the tokens and
costs that LangSmith sums on those are not read. Parquet has objects as JSON in texts.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from ingestion.gateways.langsmith.answer import answer_said, inside, usages_of
from ingestion.gateways.langsmith.callers import caller_said, litellm_said, metadata_of
from ingestion.gateways.langsmith.usage import tier_of, told, usage_said
from ingestion.gateways.spans import names
from ingestion.gateways.spans.span import Span, trace_word
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.instants import epoch_instant, text_instant, utc_instant
from ingestion.reading.records.parquet_records import UNHELD
from ingestion.reading.unreadable import Unreadable, shown

EXPECTED: Final = "no run of LangSmith: expected `id`, `run_type` and `start_time`"
CALLS: Final = ("llm", "embedding")
AROUND: Final = "chain"
OBJECTS: Final = (
    *("extra", "outputs", "events", "tags", "metadata"),
    *("prompt_token_details", "completion_token_details"),
)
LITELLM_CALL: Final = "litellm_call_id"
COLUMNS: Final = (
    *("prompt_tokens", "completion_tokens", "total_tokens"),
    *("prompt_token_details", "completion_token_details"),
)
# `RateLimitError('Error code: 429 - …')`, `litellm.RateLimitError: …`, `Cancelled`
ERROR: Final = re.compile(r"\s*((?:\w+\.)*[A-Z]\w{2,80})(?:\([\"']?|: |\s*\Z|\n)")
STATUS: Final = re.compile(r"([45]\d\d)\b")
_JSON: Final = msgspec.json.Decoder(float_hook=json_number)


def run_span(run: Mapping[str, Any]) -> Span:
    """Raises Unreadable; where its start can be read, with the day."""
    if not isinstance(run.get("id"), str) or not isinstance(run.get("run_type"), str):
        raise Unreadable(None, EXPECTED)
    started = _moment(run, "start_time")
    if started is None:
        raise Unreadable("start_time", "missing")
    try:
        return _span(_opened(run), started)
    except Unreadable as refusal:
        refusal.day = started.date()
        raise


def _span(run: Mapping[str, Any], started: datetime) -> Span:
    extra = inside(run, "extra")
    kind, text = run["run_type"].strip().lower(), _error(run)
    metadata = metadata_of(run, extra)
    said = caller_said(run, metadata)
    if kind in CALLS:
        kind, call = _call(run, started, metadata)
        said = call | said
    said["langsmith.span.kind"] = kind
    found = ERROR.match(text)
    message = text[found.end() :] if found else text
    if text and (status := STATUS.match(message)):
        said.setdefault(names.HTTP_STATUS[0], status[1])
    trace, parents = run.get("trace_id") or run["id"], run.get("parent_run_ids")
    parent = run.get("parent_run_id") or (
        parents[-1] if isinstance(parents, list | tuple) and parents else None
    )
    project = run.get("session_name") or run.get("session_id") or run.get("project_id")
    return Span(
        trace_id=trace_word(trace, "trace_id", 16),
        span_id=trace_word(run["id"], "id", 8),
        parent_id=trace_word(parent, "parent_run_id", 8) if parent else None,
        name=name if isinstance(name := run.get("name"), str) else "",
        scope=_library(extra),
        started=started,
        ended=_moment(run, "end_time"),
        is_error=bool(text) or run.get("status") == "error",
        error_type=found[1] if found else None,
        error_text=message,
        said=said,
        resource={"project": project} if isinstance(project, str) else {},
    )


def _call(
    run: Mapping[str, Any], started: datetime, metadata: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """What a run is, and what it says as a call.

    One with runs below it and no usage of its own has the sums of those.
    """
    outputs = inside(run, "outputs")
    usages = told((*usages_of(outputs), metadata.get("usage_metadata")))
    if not usages and (run.get("direct_child_run_ids") or run.get("child_run_ids")):
        return AROUND, {}
    usages = usages or told(({name: run.get(name) for name in COLUMNS},))
    said = litellm_said(inside(run, "inputs"))
    said |= answer_said(outputs) | {
        name: value for name, value in _asked(run, metadata).items() if name not in said
    }
    said |= usage_said(usages) | _first_token(run, started)
    cost = run.get("total_cost")
    for usage in usages:
        cost = usage.get("total_cost") if cost is None else cost
    if cost is not None:
        said.setdefault(names.COST[0], cost)
    if tier := tier_of(usages):
        said.setdefault(names.TIER_SERVED[0], tier)
    if run["run_type"].strip().lower() == "embedding":
        said.setdefault("gen_ai.operation.name", "embeddings")
    return "llm", said


def _asked(run: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    asked = inside(metadata, "ls_invocation_params") or inside(run, "extra", "invocation_params")
    limit = asked.get("max_tokens") or asked.get("max_completion_tokens")
    said = {
        "gen_ai.request.model": metadata.get("ls_model_name")
        or asked.get("model")
        or asked.get("model_name"),
        names.PROVIDER[0]: metadata.get("ls_provider"),
        names.MAX_TOKENS[0]: limit or metadata.get("ls_max_tokens"),
        names.STREAM[0]: asked.get("stream"),
        names.TIER_ASKED[0]: asked.get("service_tier"),
    }
    return {name: value for name, value in said.items() if value is not None}


def _first_token(run: Mapping[str, Any], started: datetime) -> dict[str, Any]:
    """A run that tells when its first token came was a stream."""
    events = run.get("events")
    listed = (each for each in events if isinstance(each, dict)) if isinstance(events, list) else ()
    token = next((each for each in listed if each.get("name") == "new_token"), None)
    first = _moment(run, "first_token_time") or (_moment(token, "time") if token else None)
    if first is None:
        return {names.STREAM[0]: True} if token else {}
    seconds = Decimal((first - started).total_seconds()).quantize(Decimal("0.000001"))
    return {names.STREAM[0]: True, names.FIRST_TOKEN_SECONDS[0]: seconds}


def _library(extra: Mapping[str, Any]) -> str:
    library = inside(extra, "runtime").get("library")
    return library if isinstance(library, str) else ""


def _error(run: Mapping[str, Any]) -> str:
    return text if isinstance(text := run.get("error"), str) else ""


def _opened(run: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the objects that stand as JSON in texts; of inputs only what a LiteLLM logged."""
    return dict(run) | dict(_objects(run))


def _objects(run: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in (*OBJECTS, "inputs"):
        value = run.get(name)
        if isinstance(value, str) and (name != "inputs" or LITELLM_CALL in value):
            yield name, _json(value)


def _json(text: str) -> Any:
    try:
        return _JSON.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _moment(said: Mapping[str, Any], name: str) -> datetime | None:
    """LangSmith's texts are UTC without saying so; LiteLLM's callback writes seconds since 1970."""
    value = said.get(name)
    if isinstance(value, datetime):
        return utc_instant(value, name)
    if isinstance(value, str) and value.strip():
        is_epoch = value.replace(".", "", 1).isdecimal()
        return epoch_instant(value, name) if is_epoch else text_instant(value, name)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return epoch_instant(str(value), name)
    if value is None or value == "":
        return None
    if value is UNHELD:
        raise Unreadable(name, "a time that no time can hold")
    raise Unreadable(name, "not a time", value=shown(value))
