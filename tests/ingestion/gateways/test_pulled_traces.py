"""What each trace store is asked for, and that what is saved of a record reads as the record."""

import base64
import gzip
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from langsmith_runs import run as full_run
from trace_apis import (
    PUBLIC,
    SECRET,
    Datadog,
    Helicone,
    Langfuse,
    LangSmith,
    Source,
    observation,
    page,
    request,
    run,
    span,
)

from ingestion.gateways.helicone import reader as helicone
from ingestion.gateways.helicone.api import REQUESTS
from ingestion.gateways.langfuse import reader as langfuse
from ingestion.gateways.langfuse.api import OBSERVATIONS
from ingestion.gateways.langsmith import reader as langsmith
from ingestion.gateways.langsmith.saved_run import saved_run
from ingestion.records import Parsed, SourceError
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway
from tests.ingestion.bills.cost_api import Api

TRACES = Path(__file__).parent / "fixtures" / "traces"
TRACE = "5b8efff798038103d269b633813fc60c"
NAMED = NamedPlaces(places=("metadata:feature", "metadata:team"))


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.server.shutdown()
    api.server.server_close()


def test_langfuse_is_asked_for_all_but_inputs_and_outputs(api: Api, tmp_path: Path) -> None:
    Langfuse(api, observation(1, "28T11:00"))
    Source(tmp_path, "langfuse", api.url).pull(since=date(2026, 11, 20))
    [(path, query, headers)] = api.asked
    assert path == "/api/public/v2/observations"
    asked = dict(query)
    assert "io" not in asked.pop("fields").split(",")
    assert asked == {
        "expandMetadata": "attributes,resourceAttributes,scope",
        "limit": "1000",
        "fromStartTime": "2026-11-20T00:00:00.000Z",
        "toStartTime": "2026-11-28T12:00:00.000Z",
    }
    pair = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
    assert pair == f"{PUBLIC}:{SECRET}"


def test_a_langfuse_without_v2_is_asked_for_traces_as_well(api: Api, tmp_path: Path) -> None:
    trace = {"id": TRACE, "timestamp": "2026-11-28T11:00:00Z", "tags": ["team:search"]}
    served = Langfuse(api, trace, size=2)
    served.has_v2 = False
    served.records += [observation(n, "28T11:00", input="a prompt") for n in range(1, 6)]
    source = Source(tmp_path, "langfuse", f"{api.url}/api/public/")
    source.pull()
    assert {name: len(found) for name, found in source.saved().items()} == {
        "observations/2026-11-28/11-00.jsonl.zst": 5,
        "traces/2026-11-28/11-00.jsonl.zst": 1,
    }
    assert b"a prompt" not in source.bytes_saved()
    result = source.load()
    assert (result.landed, result.foreign, result.quarantined) == (5, 1, 0)


def test_pages_that_have_fewer_records_than_they_count_are_no_pull(
    api: Api, tmp_path: Path
) -> None:
    served = Langfuse(api)
    served.has_v2 = False
    said = {"data": [observation(1, "28T11:00")], "meta": {"totalItems": 3, "totalPages": 1}}
    served.answers = [None, page(said)]
    source = Source(tmp_path, "langfuse", api.url)
    with pytest.raises(SourceError, match="has 3 records and answered 1 of them: run again"):
        source.pull()
    assert source.saved() == {}


def test_langsmith_is_asked_for_the_projects_that_are_named_or_for_all(
    api: Api, tmp_path: Path
) -> None:
    served = LangSmith(api, run(1, "28T11:00"), run(2, "28T11:00", session_id="project-2"))
    source = Source(tmp_path / "all", "langsmith", f"{api.url}/api/v1")
    source.pull()
    assert (served.questions(), source.ids()) == (
        ["/api/v1/sessions", "/api/v1/runs/query"],
        [1, 2],
    )
    assert api.asked[-1][2]["x-api-key"] == SECRET
    assert dict(api.asked[-1][1]) == {
        "session": ["project-1", "project-2"],
        "start_time": "2026-10-01T00:00:00.000Z",
        "filter": 'lt(start_time, "2026-11-28T12:00:00.000Z")',
        "limit": 100,
        "order": "desc",
    }
    one = Source(tmp_path / "one", "langsmith", api.url, projects=["project-2"])
    one.pull()
    assert one.ids() == [2]
    for odd in ("project-1", [], [7]):
        with pytest.raises(SourceError, match="`projects` in `api` must be a list of ids"):
            Source(tmp_path / "odd", "langsmith", api.url, projects=odd).pull()


def test_helicone_is_asked_for_a_time_and_no_bodies(api: Api, tmp_path: Path) -> None:
    Helicone(api, request(1, "28T11:00"))
    source = Source(tmp_path, "helicone", api.url)
    source.pull(since=date(2026, 11, 20))
    [(path, query, headers)] = api.asked
    assert (path, headers["Authorization"]) == (
        *("/v1/request/query-clickhouse", f"Bearer {SECRET}"),
    )
    began = "request_response_rmt", "request_created_at"
    first, last = {"gte": "2026-11-20T00:00:00.000Z"}, {"lt": "2026-11-28T12:00:00.000Z"}
    assert dict(query) == {
        "filter": {
            "left": {began[0]: {began[1]: first}},
            "operator": "and",
            "right": {began[0]: {began[1]: last}},
        },
        "isCached": False,
        "limit": 1000,
        "offset": 0,
        "sort": {"created_at": "desc"},
        "includeInputs": False,
    }
    assert b"somebodys" not in source.bytes_saved()
    [row] = source.rows()
    assert (row["provider"], row["route"]) == ("openai", "/v1/chat/completions")


def test_datadog_is_asked_for_spans_of_all_kinds_with_both_keys(api: Api, tmp_path: Path) -> None:
    Datadog(api, span(1, "28T11:00"))
    source = Source(tmp_path, "datadog", api.url)
    source.pull(since=date(2026, 11, 20))
    [(path, query, headers)] = api.asked
    assert path == "/api/v2/llm-obs/v1/spans/events"
    assert (headers["DD-API-KEY"], headers["DD-APPLICATION-KEY"]) == (SECRET, PUBLIC)
    assert dict(query) == {
        "filter[from]": "2026-11-20T00:00:00.000Z",
        "filter[to]": "2026-11-28T12:00:00.000Z",
        "page[limit]": "1000",
        "sort": "-timestamp",
        "include_attachments": "false",
    }
    [found] = source.saved().values()
    assert found[0]["id"] == "69000000000000000000000000000001:000000000001"
    [row] = source.rows()
    assert (row["provider"], row["model_requested"], row["input_quantity"]) == (
        *("openai", "gpt-4o", 100),
    )


def told(parsed: Parsed) -> tuple[Any, ...]:
    """All that a reader makes of an object but the digests of what it read."""
    rows = [
        {name: value for name, value in row.items() if name != "unnamed_attributes"}
        for row in parsed.rows["requests"]
    ]
    contexts = [
        json.loads(each["attributes"]) | {"unnamed": None, "where": each["join_value"]}
        for table in parsed.context
        for each in table.to_pylist()
    ]
    assert rows
    for row in rows:
        row.pop("content_hash")
    return rows, contexts, [each.field for each in parsed.rejects]


def runs_of(sample: str) -> list[dict[str, Any]]:
    data = gzip.decompress((TRACES / sample / "runs.jsonl.gz").read_bytes())
    return [json.loads(line) for line in data.splitlines()]


@pytest.mark.parametrize(
    "sample", ["langsmith-sdk-0.15.1", "litellm-1.110.2-callback-langsmith", "by hand"]
)
def test_what_is_saved_of_a_run_reads_as_the_run(sample: str) -> None:
    generated = {"message": {"kwargs": {"id": "msg_1", "usage_metadata": {"input_tokens": 7}}}}
    by_hand = [
        full_run(1),
        full_run(2, outputs={"generations": [[generated | {"text": "words"}]]}),
        full_run(3, error="RateLimitError('Error code: 429 - slow down')", outputs=None),
        full_run(4, child_run_ids=["a"], outputs={"usage_metadata": None}),
    ]
    runs = by_hand if sample == "by hand" else runs_of(sample)
    gateway = Gateway("traces", "langsmith", "/logs", {}, named=NAMED)
    whole, saved = (
        told(langsmith.read_object("\n".join(map(json.dumps, said)).encode(), "a", gateway))
        for said in (runs, [saved_run(each) for each in runs])
    )
    assert saved == whole


def test_what_is_saved_of_an_observation_reads_as_the_observation() -> None:
    lines = (Path(__file__).parent / "fixtures" / "langfuse" / "observations.jsonl").read_bytes()
    gateway = Gateway("traces", "langfuse", "/logs", {}, named=NAMED)
    records = [json.loads(line) for line in lines.splitlines()]
    kept = [OBSERVATIONS.kept(each) for each in records]
    assert not any("input" in each for each in kept)
    whole, saved = (
        told(langfuse.read_object("\n".join(map(json.dumps, said)).encode(), "a", gateway))
        for said in (records, kept)
    )
    assert saved == whole


def test_what_is_saved_of_a_request_reads_as_the_request() -> None:
    lines = (Path(__file__).parent / "fixtures" / "helicone" / "requests.jsonl").read_bytes()
    gateway = Gateway("proxied", "helicone", "/logs", {}, named=NAMED)
    bodies = ("request_body", "response_body")
    records = [json.loads(line) for line in lines.splitlines() if line.endswith(b"}")]
    records = [{n: v for n, v in each.items() if n not in bodies} for each in records]
    kept = [REQUESTS.kept(each) for each in records]
    whole, saved = (
        told(helicone.read_object("\n".join(map(json.dumps, said)).encode(), "a", gateway))
        for said in (records, kept)
    )
    assert saved == whole
