"""LangSmith's API: runs of the projects that the entry names, or of all that the key may read.

`POST /runs/query` wants projects by their ids; it answers 100 runs a page, the newest first.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from ingestion.gateways.langsmith.saved_run import saved_run
from ingestion.gateways.pulling.lists import (
    RecordList,
    Window,
    inside,
    text_moment,
    text_of,
    told_moment,
)
from ingestion.gateways.pulling.source_api import SourceApi, below
from ingestion.pulling.answers import listed
from ingestion.pulling.fetching import Client, Question, Words
from ingestion.records import SourceError

FOLDER: Final = "runs"
MOST: Final = 100
MOST_PROJECTS: Final = 10_000


class _Project(msgspec.Struct):
    id: str


def _lists(client: Client, options: Mapping[str, Any]) -> tuple[RecordList, ...]:
    projects = _named(options) or list(_projects(client))
    return (_runs(projects),) if projects else ()


def _named(options: Mapping[str, Any]) -> list[str]:
    named = options.get("projects")
    if named is None:
        return []
    if not isinstance(named, list) or not named or not all(map(text_of, named)):
        raise SourceError("`projects` in `api` must be a list of ids of projects: write them so")
    return [str(each) for each in named]


def _projects(client: Client) -> Iterator[str]:
    def understand(data: bytes) -> list[str]:
        found, _ = listed(data, "sessions", "")
        try:
            return [msgspec.json.decode(each, type=_Project).id for each in found]
        except msgspec.DecodeError:
            raise SourceError("sessions answered not a list of projects: check base_url") from None

    for offset in range(0, MOST_PROJECTS, MOST):
        asked = [("limit", str(MOST)), ("offset", str(offset))]
        found = client.ask(Question("sessions", asked), understand)[1]
        yield from found
        if len(found) < MOST:
            return
    raise SourceError(f"more than {MOST_PROJECTS} projects: name some under `projects` in `api`")


def _runs(projects: list[str]) -> RecordList:
    def asked(window: Window, after: str | None) -> Question:
        body = {
            "session": projects,
            "start_time": told_moment(window.start),
            "filter": f'lt(start_time, "{told_moment(window.end)}")',
            "limit": MOST,
            "order": "desc",
        }
        return Question("runs/query", body=body | ({"cursor": after} if after else {}))

    return RecordList(
        folder=FOLDER,
        asked=asked,
        records="runs",
        paging=_cursor,
        kept=saved_run,
        id="id",
        started=lambda run: text_moment(run.get("start_time")),
    )


def _cursor(
    page: Mapping[str, Any], asked: str | None, records: int
) -> tuple[str | None, int | None]:
    return text_of(inside(page, "cursors", "next")), None


LANGSMITH: Final = SourceApi(
    folder=FOLDER,
    base_url=below("/api/v1"),
    headers=lambda keys: {"x-api-key": keys["key"]},
    lists=_lists,
    words=Words(
        rights="the key must be one of the workspace, and not have expired",
        refused="the request was refused: check `projects` and base_url",
    ),
)
