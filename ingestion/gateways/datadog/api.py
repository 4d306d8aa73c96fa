"""Datadog's API of LLM Observability: `GET /api/v2/llm-obs/v1/spans/events`, by a cursor.

It answers what calls said, too, which is not saved.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ingestion.gateways.datadog.spans import MILLISECONDS
from ingestion.gateways.pulling.lists import (
    Record,
    RecordList,
    Window,
    inside,
    text_of,
    told_moment,
)
from ingestion.gateways.pulling.source_api import SourceApi, below
from ingestion.pulling.fetching import Question, Words

MOST: Final = 1000
LEFT_OUT: Final = frozenset(("input", "output", "tool_definitions", "evaluation", "documents"))


def _asked(window: Window, after: str | None) -> Question:
    parameters = [
        ("filter[from]", told_moment(window.start)),
        ("filter[to]", told_moment(window.end)),
        ("page[limit]", str(MOST)),
        ("sort", "-timestamp"),
        ("include_attachments", "false"),
    ]
    return Question("spans/events", [*parameters, *([("page[cursor]", after)] if after else [])])


def _cursor(
    page: Mapping[str, Any], asked: str | None, records: int
) -> tuple[str | None, int | None]:
    return text_of(inside(page, "meta", "page", "after")), None


def _kept(record: Record) -> Record:
    said = record.get("attributes")
    if not isinstance(said, dict):
        return {"id": record.get("id"), "type": record.get("type")}
    attributes = {name: value for name, value in said.items() if name not in LEFT_OUT}
    name = ":".join(str(said.get(each) or "") for each in ("trace_id", "span_id"))
    return {"id": name, "type": record.get("type"), "attributes": attributes}


def _started(record: Record) -> datetime | None:
    """Nanoseconds; in some exports milliseconds."""
    count = inside(record, "attributes", "start_ns")
    if type(count) is not int or count <= 0:
        return None
    microseconds = count * 1000 if count < MILLISECONDS else count // 1000
    try:
        moment = datetime.fromtimestamp(microseconds // 1_000_000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return moment.replace(microsecond=microseconds % 1_000_000, tzinfo=None)


SPANS: Final = RecordList(
    folder="spans",
    asked=_asked,
    records="data",
    paging=_cursor,
    kept=_kept,
    id="id",
    started=_started,
)

DATADOG: Final = SourceApi(
    folder=SPANS.folder,
    base_url=below("/api/v2/llm-obs/v1"),
    headers=lambda keys: {
        "DD-API-KEY": keys["api_key"],
        "DD-APPLICATION-KEY": keys["application_key"],
    },
    lists=lambda client, options: (SPANS,),
    words=Words(
        rights="the keys must be valid, the application key with `llm_observability_read`",
        refused="the request was refused: check base_url",
    ),
)
