"""APIs of trace stores and gateways on this machine, by what they have, and pulls from them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard

from ingestion.gateways.helicone import api as helicone_api
from ingestion.gateways.pulling.api import Pull
from ingestion.landing.landing import Landing, open_landing
from ingestion.landing.loading import LoadResult, load_gateway
from ingestion.records import Row
from ingestion.workspace.formats import GATEWAYS, gateway_reader
from ingestion.workspace.sources import Gateway, GatewayApi
from tests.ingestion.bills.cost_api import Answer, Api, Query, error

PUBLIC, SECRET = "pk-lf-do-not-show", "sk-lf-do-not-show"
KEYS = {
    "public_key": PUBLIC,
    "secret_key": SECRET,
    "key": SECRET,
    "api_key": SECRET,
    "application_key": PUBLIC,
}
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PROMPT = "nobody else is to read this"
Record = dict[str, Any]


def moment(text: str) -> datetime:
    """`28T10:05`, of November."""
    return datetime.fromisoformat(f"2026-11-{text}:00+00:00")


def observation(number: int, started: str, tokens: int = 100, **fields: Any) -> Record:
    """Of Langfuse."""
    return {
        "id": f"{number:016x}",
        "traceId": "5b8efff798038103d269b633813fc60c",
        "parentObservationId": None,
        "type": "GENERATION",
        "name": "answer",
        "startTime": moment(started).isoformat().replace("+00:00", ".000Z"),
        "endTime": (moment(started) + timedelta(seconds=2)).isoformat(),
        "providedModelName": "gpt-4o",
        "usageDetails": {"input": tokens, "output": 10, "total": tokens + 10},
        "costDetails": {"total": 0.00123456789012},
        "metadata": {"feature": "search"},
        "userId": "cust-1",
    } | fields


def run(number: int, started: str, tokens: int = 100, **fields: Any) -> Record:
    """Of LangSmith."""
    usage = {"input_tokens": tokens, "output_tokens": 10, "total_tokens": tokens + 10}
    return {
        "id": f"01a221ce-0000-7000-8000-{number:012x}",
        "trace_id": "01a221ce-0000-7000-8000-000000000000",
        "session_id": "project-1",
        "name": "ChatOpenAI",
        "run_type": "llm",
        "start_time": moment(started).replace(tzinfo=None).isoformat(),
        "end_time": (moment(started) + timedelta(seconds=2)).replace(tzinfo=None).isoformat(),
        "status": "success",
        "inputs": {"messages": [{"role": "user", "content": PROMPT}]},
        "outputs": {
            "model": "gpt-4o-2024-08-06",
            "choices": [{"finish_reason": "stop", "message": {"content": PROMPT}}],
            "usage_metadata": usage,
        },
        "extra": {"metadata": {"ls_provider": "openai", "ls_model_name": "gpt-4o"}},
        "events": [{"name": "new_token", "time": None, "kwargs": {"token": PROMPT}}],
        "tags": ["feature:search"],
        "manifest": {"kwargs": {"prompt": PROMPT}},
        "s3_urls": {"inputs": "https://changes.each.time/?signature=1"},
    } | fields


def request(number: int, started: str, tokens: int = 100, **fields: Any) -> Record:
    """Of Helicone."""
    return (
        {
            "request_id": f"123e4567-e89b-12d3-a456-{number:012x}",
            "response_id": f"223e4567-e89b-12d3-a456-{number:012x}",
            "request_created_at": moment(started).isoformat().replace("+00:00", ".000Z"),
            "response_status": 200,
            "provider": "OPENAI",
            "request_model": "gpt-4o",
            "request_path": "/v1/chat/completions?key=somebodys",
            "target_url": "https://api.openai.com/v1/chat/completions?key=somebodys",
            "request_body": {"messages": [{"role": "user", "content": PROMPT}]},
            "response_body": {"choices": [{"message": {"content": PROMPT}}]},
            "signed_body_url": "https://changes.each.time/?signature=1",
            "delay_ms": 2000,
            "prompt_tokens": tokens,
            "completion_tokens": 10,
            "total_tokens": tokens + 10,
            "reasoning_tokens": 0,
            "cost": 0.00123456789,
            "request_properties": {"Feature": "search"},
        }
        | ({"request_user_id": fields["name"]} if "name" in fields else {})
        | fields
    )


def span(number: int, started: str, tokens: int = 100, **fields: Any) -> Record:
    """Of Datadog."""
    return {
        "id": f"event-{number}",
        "type": "span",
        "when": moment(started).isoformat(),
        "attributes": {
            "span_id": f"{number:012x}",
            "trace_id": "69000000000000000000000000000001",
            "parent_id": "undefined",
            "name": "answer",
            "span_kind": "llm",
            "status": "ok",
            "ml_app": "search",
            "start_ns": int(moment(started).timestamp()) * 1_000_000_000,
            "duration": 2_000_000_000,
            "model_name": "gpt-4o",
            "model_provider": "openai",
            "input": {"messages": [{"role": "user", "content": PROMPT}]},
            "output": {"messages": [{"role": "assistant", "content": PROMPT}]},
            "tags": ["team:search"],
            "metrics": {
                "input_tokens": tokens,
                "output_tokens": 10,
                "total_tokens": tokens + 10,
            },
        }
        | fields,
    }


class Server:
    """`answers` go first, None is what it has. `size`: of its pages."""

    starts = "startTime"

    def __init__(self, api: Api, *records: Record, size: int = 1000) -> None:
        self.records = list(records)
        self.answers: list[Answer | None] = []
        self.size = size
        self.url = api.url
        self.asked = api.asked
        api.respond = self._respond

    def _respond(self, path: str, query: Query) -> Answer:
        answer = self.answers.pop(0) if self.answers else None
        return self.answered(path, dict(query)) if answer is None else answer

    def answered(self, path: str, query: dict[str, Any]) -> Answer:
        raise NotImplementedError

    def start_of(self, query: dict[str, Any]) -> Any:
        return query.get("fromStartTime", query.get("start_time"))

    def is_second(self, query: dict[str, Any]) -> bool:
        return "cursor" in query

    def undated(self, record: Record) -> Record:
        return record | {self.starts: "soon"}

    def between(self, name: str, since: str, until: str) -> list[Record]:
        def began(record: Record) -> datetime:
            started = datetime.fromisoformat(record[name])
            return started if started.tzinfo else started.replace(tzinfo=UTC)

        first, end = (datetime.fromisoformat(each) for each in (since, until))
        found = [each for each in self.records if name in each and first <= began(each) < end]
        return sorted(found, key=began, reverse=True)

    def resize(self, size: int, patch: pytest.MonkeyPatch) -> None:
        self.size = size

    def questions(self) -> list[str]:
        return [path for path, *_ in self.asked]


class Langfuse(Server):
    has_v2 = True

    def answered(self, path: str, query: dict[str, Any]) -> Answer:
        if path == "/api/public/v2/observations" and self.has_v2:
            found = self.between("startTime", query["fromStartTime"], query["toStartTime"])
            at = int(query.get("cursor", "0"))
            after = {"cursor": str(at + self.size)} if at + self.size < len(found) else {}
            return page({"data": found[at : at + self.size], "meta": after})
        if path == "/api/public/observations":
            found = self.between("startTime", query["fromStartTime"], query["toStartTime"])
        elif path == "/api/public/traces":
            found = self.between("timestamp", query["fromTimestamp"], query["toTimestamp"])
        else:
            return 404, error("no such path")
        at = (int(query["page"]) - 1) * self.size
        meta = {"totalItems": len(found), "totalPages": -(-len(found) // self.size)}
        return page({"data": found[at : at + self.size], "meta": meta})


class LangSmith(Server):
    starts = "start_time"
    projects = ("project-1", "project-2")

    def answered(self, path: str, query: dict[str, Any]) -> Answer:
        if path == "/api/v1/sessions":
            return 200, json.dumps([{"id": each, "name": each} for each in self.projects]).encode()
        if path != "/api/v1/runs/query" or not query["session"]:
            return 404, error("no such path")
        until = query["filter"].removeprefix('lt(start_time, "').removesuffix('")')
        found = [
            each
            for each in self.between("start_time", query["start_time"], until)
            if each.get("session_id", "project-1") in query["session"]
        ]
        at, size = int(query.get("cursor", "0")), min(self.size, query["limit"])
        following = str(at + size) if at + size < len(found) else None
        return page({"runs": found[at : at + size], "cursors": {"next": following, "prev": None}})


class Helicone(Server):
    """Its pages are as long as they are asked for."""

    starts = "request_created_at"

    def resize(self, size: int, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(helicone_api, "MOST", size)

    def answered(self, path: str, query: dict[str, Any]) -> Answer:
        if path != "/v1/request/query-clickhouse" or query["limit"] > 1000:
            return 404, error("no such path")
        first, end = (
            query["filter"][side]["request_response_rmt"]["request_created_at"]
            for side in ("left", "right")
        )
        found = self.between("request_created_at", first["gte"], end["lt"])
        return page({"data": found[query["offset"] :][: query["limit"]], "error": None})

    def start_of(self, query: dict[str, Any]) -> Any:
        return query["filter"]["left"]["request_response_rmt"]["request_created_at"]["gte"]

    def is_second(self, query: dict[str, Any]) -> bool:
        return bool(query["offset"])


class Datadog(Server):
    starts = "start_ns"

    def answered(self, path: str, query: dict[str, Any]) -> Answer:
        if path != "/api/v2/llm-obs/v1/spans/events":
            return 404, error("no such path")
        first, end = query["filter[from]"], query["filter[to]"]
        found = self.between("when", first, end)
        at = int(query.get("page[cursor]", "0"))
        following = {"after": str(at + self.size)} if at + self.size < len(found) else {}
        return page({"data": found[at : at + self.size], "meta": {"page": following}})

    def start_of(self, query: dict[str, Any]) -> Any:
        return query["filter[from]"]

    def is_second(self, query: dict[str, Any]) -> bool:
        return "page[cursor]" in query

    def undated(self, record: Record) -> Record:
        return record | {"attributes": record["attributes"] | {"start_ns": "soon"}}


def page(said: dict[str, Any]) -> Answer:
    return 200, json.dumps(said).encode()


class Source:
    """A gateway that is pulled into a folder and landed from there."""

    def __init__(self, folder: Path, log_format: str, url: str, **options: Any) -> None:
        keys = {name: name.upper() for name in GATEWAYS[log_format].api_keys}
        self.api = GatewayApi(url, keys, 24, options)
        self.gateway = Gateway("traces", log_format, str(folder / "saved"), {}, api=self.api)
        self.landing: Landing = open_landing(str(folder / "landing"))
        self.note = folder / "note.json"
        self.waits: list[float] = []

    def pull(self, at: str = "28T12:00", since: date | None = None, hours: int = 24) -> None:
        api = replace(self.api, overlap_hours=hours)
        keys = {name: KEYS[name] for name in api.keys}
        Pull(
            self.gateway,
            api,
            keys,
            since,
            self.note,
            clock=lambda: moment(at),
            sleep=self.waits.append,
        ).save()

    def load(self) -> LoadResult:
        return load_gateway(self.gateway, self.landing)

    def saved(self) -> dict[str, list[Record]]:
        folder = Path(self.gateway.location)
        return {
            file.relative_to(folder).as_posix(): [
                json.loads(line) for line in zstandard.decompress(file.read_bytes()).splitlines()
            ]
            for file in sorted(folder.rglob("*.zst"))
        }

    def bytes_saved(self) -> bytes:
        files = sorted(Path(self.gateway.location).rglob("*.zst"))
        return b"\n".join(zstandard.decompress(file.read_bytes()) for file in files)

    def ids(self) -> list[int]:
        named = (each.get("id") or each.get("request_id") for each in self._records())
        return sorted(int(each[-12:], 16) for each in named if each)

    def _records(self) -> Iterator[Record]:
        return (each for found in self.saved().values() for each in found)

    def rows(self) -> list[Row]:
        reader = gateway_reader(self.gateway.format)
        found: list[Row] = []
        for file in sorted(Path(self.gateway.location).rglob("*.zst")):
            parsed = reader.read_object(file.read_bytes(), file.name, self.gateway)
            found += parsed.rows["requests"]
        return found


Make = Callable[..., Record]
