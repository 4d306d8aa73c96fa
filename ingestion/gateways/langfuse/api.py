"""Langfuse's API: observations of v2, or of v1 with the traces around them where it has no v2.

Of v2 inputs and outputs are not asked for; v1 answers them, and they are not saved.
"""

import base64
from collections.abc import Mapping
from typing import Any, Final

from ingestion.gateways.pulling.lists import (
    Record,
    RecordList,
    Window,
    count_of,
    inside,
    text_moment,
    text_of,
    told_moment,
)
from ingestion.gateways.pulling.source_api import SourceApi, below
from ingestion.pulling.fetching import Question, Words

FIELDS: Final = "core,basic,time,metadata,model,usage,prompt,metrics,trace_context"
# What an OpenTelemetry span said: other values of metadata are cut after 200 characters.
WHOLE: Final = "attributes,resourceAttributes,scope"
MOST: Final = 1000
MOST_V1: Final = 100
# Texts of callers and models, and what changes without the record.
LEFT_OUT: Final = frozenset(
    (
        *("input", "output", "toolCalls", "toolDefinitions", "tool_calls", "tool_definitions"),
        *("scores", "observations", "htmlPath", "bookmarked", "public"),
    )
)


def _kept(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in LEFT_OUT}


def _asked(window: Window, after: str | None) -> Question:
    parameters = [
        ("fields", FIELDS),
        ("expandMetadata", WHOLE),
        ("limit", str(MOST)),
        ("fromStartTime", told_moment(window.start)),
        ("toStartTime", told_moment(window.end)),
    ]
    return Question("v2/observations", [*parameters, *([("cursor", after)] if after else [])])


def _asked_v1(window: Window, after: str | None) -> Question:
    return Question(
        "observations",
        [
            ("page", after or "1"),
            ("limit", str(MOST_V1)),
            ("fromStartTime", told_moment(window.start)),
            ("toStartTime", told_moment(window.end)),
        ],
    )


def _asked_traces(window: Window, after: str | None) -> Question:
    return Question(
        "traces",
        [
            ("page", after or "1"),
            ("limit", str(MOST_V1)),
            ("fromTimestamp", told_moment(window.start)),
            ("toTimestamp", told_moment(window.end)),
            ("orderBy", "timestamp.desc"),
            ("fields", "core"),
        ],
    )


def _cursor(
    page: Mapping[str, Any], asked: str | None, records: int
) -> tuple[str | None, int | None]:
    return text_of(inside(page, "meta", "cursor")), None


def _numbered(
    page: Mapping[str, Any], asked: str | None, records: int
) -> tuple[str | None, int | None]:
    number, pages = int(asked or 1), count_of(inside(page, "meta", "totalPages"))
    more = number < pages if pages is not None else records == MOST_V1
    return str(number + 1) if more else None, count_of(inside(page, "meta", "totalItems"))


TRACES: Final = RecordList(
    folder="traces",
    asked=_asked_traces,
    records="data",
    paging=_numbered,
    kept=_kept,
    id="id",
    started=lambda record: text_moment(record.get("timestamp")),
)
OBSERVATIONS_V1: Final = RecordList(
    folder="observations",
    asked=_asked_v1,
    records="data",
    paging=_numbered,
    kept=_kept,
    id="id",
    started=lambda record: text_moment(record.get("startTime")),
)
OBSERVATIONS: Final = RecordList(
    folder="observations",
    asked=_asked,
    records="data",
    paging=_cursor,
    kept=_kept,
    id="id",
    started=lambda record: text_moment(record.get("startTime")),
    instead=(OBSERVATIONS_V1, TRACES),
)


def _headers(keys: Mapping[str, str]) -> dict[str, str]:
    pair = f"{keys['public_key']}:{keys['secret_key']}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


LANGFUSE: Final = SourceApi(
    folder=OBSERVATIONS.folder,
    base_url=below("/api/public"),
    headers=_headers,
    lists=lambda client, options: (OBSERVATIONS,),
    words=Words(
        rights="the keys must be those of one project, and not have expired",
        refused="the request was refused: check base_url",
    ),
)
