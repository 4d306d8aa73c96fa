"""Helicone's API: `POST /v1/request/query-clickhouse`, a thousand requests a page.

Bodies are not asked for, and the addresses of what is stored of them change with each answer.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingestion.gateways.helicone.record import TIME
from ingestion.gateways.pulling.lists import (
    Record,
    RecordList,
    Window,
    text_moment,
    told_moment,
)
from ingestion.gateways.pulling.source_api import SourceApi, below
from ingestion.pulling.fetching import Question, Words

MOST: Final = 1000
LEFT_OUT: Final = frozenset(
    (
        *("request_body", "response_body", "signed_body_url", "asset_urls", "asset_ids", "assets"),
        *("scores", "feedback_created_at", "feedback_id", "feedback_rating"),
    )
)
# Where a caller's key may stand in the query.
ADDRESSES: Final = ("target_url", "request_path")


def _asked(window: Window, after: str | None) -> Question:
    bounds = {"gte": told_moment(window.start)}, {"lt": told_moment(window.end)}
    first, last = ({"request_response_rmt": {TIME: bound}} for bound in bounds)
    return Question(
        "request/query-clickhouse",
        body={
            "filter": {"left": first, "operator": "and", "right": last},
            "isCached": False,
            "limit": MOST,
            "offset": int(after or 0),
            "sort": {"created_at": "desc"},
            "includeInputs": False,
        },
    )


def _offset(
    page: Mapping[str, Any], asked: str | None, records: int
) -> tuple[str | None, int | None]:
    return str(int(asked or 0) + records) if records >= MOST else None, None


def _kept(record: Record) -> Record:
    kept = {name: value for name, value in record.items() if name not in LEFT_OUT}
    for name in ADDRESSES:
        if isinstance(address := kept.get(name), str):
            kept[name] = address.partition("?")[0]
    return kept


REQUESTS: Final = RecordList(
    folder="requests",
    asked=_asked,
    records="data",
    paging=_offset,
    kept=_kept,
    id="request_id",
    started=lambda record: text_moment(record.get(TIME)),
)

HELICONE: Final = SourceApi(
    folder=REQUESTS.folder,
    base_url=below("/v1"),
    headers=lambda keys: {"Authorization": f"Bearer {keys['key']}"},
    lists=lambda client, options: (REQUESTS,),
    words=Words(
        rights="the key must be one of the organisation that may read, and not have expired",
        refused="the request was refused: check base_url",
    ),
)
