"""Exports of Langfuse: observations as its blob storage integration and its API write them."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.gateways.langfuse import reader as langfuse
from ingestion.gateways.spans import collecting
from ingestion.records import Parsed, Row
from ingestion.vocabulary import METERS
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

FIXTURES = Path(__file__).parent / "fixtures" / "langfuse"
LINES = (FIXTURES / "observations.jsonl").read_bytes()
OBSERVATIONS: list[dict[str, Any]] = [json.loads(line) for line in LINES.splitlines()]
TRACE = (FIXTURES / "traces.jsonl").read_bytes()
TRACE_ID = "5b8efff798038103d269b633813fc60c"
GATEWAY = Gateway(
    "traces", "langfuse", "/logs", {}, named=NamedPlaces(places=("metadata:feature",))
)
# Observation -> its meters: input, read, written for 5 minutes and an hour, output, reasoning.
EXPECTED: dict[int, tuple[int, int, int, int, int, int] | None] = {
    2: (412, 0, 0, 0, 96, 0),
    3: (394, 2816, 0, 0, 188, 0),
    4: (394, 2816, 0, 0, 188, 0),
    # LiteLLM's callback: 6,934 has the writes in it, and not the reads
    5: (1282, 6016, 5652, 0, 52, 0),
    6: (3451, 0, 0, 0, 1180, 505),
    7: (100, 5, 30, 20, 50, 0),
    8: None,
    9: (0, 0, 0, 0, 0, 0),
    10: (1000, 0, 0, 0, 10, 0),
    12: (18, 0, 0, 0, 0, 0),
    13: (100, 5, 30, 20, 50, 0),
}
OBJECTS = ("metadata", "usage_details", "cost_details", "tool_definitions")


def read(data: bytes | str, name: str = "observations/a.jsonl") -> Parsed:
    return langfuse.read_object(data.encode() if isinstance(data, str) else data, name, GATEWAY)


def by_number(parsed: Parsed) -> dict[int, Row]:
    return {int(row["request_key"][-16:], 16): row for row in parsed.rows["requests"]}


def contexts(parsed: Parsed) -> dict[str, dict[str, Any]]:
    rows = [row for table in parsed.context for row in table.to_pylist()]
    assert {row["join_key"] for row in rows} <= {"langfuse"}
    return {row["join_value"]: json.loads(row["attributes"]) for row in rows}


def place(number: int) -> str:
    return f"{TRACE_ID}/{number:016x}"


def test_calls_are_requests_with_disjoint_meters() -> None:
    rows = by_number(read(LINES))
    found = {
        number: None
        if row["input_quantity"] is None
        else (
            *(row["input_quantity"], row["cache_read_quantity"], row["cache_write_5m_quantity"]),
            *(row["cache_write_1h_quantity"], row["output_quantity"], row["reasoning_tokens"]),
        )
        for number, row in rows.items()
    }
    assert found == EXPECTED
    assert {
        number: row["status"] for number, row in rows.items() if row["status"] != "success"
    } == {9: "error"}
    assert (rows[7]["web_searches_quantity"], rows[12]["web_searches_quantity"]) == (3, 2)
    assert rows[9]["http_status"] == 429
    assert (rows[12]["operation"], rows[2]["operation"]) == ("embeddings", "chat")


def test_what_a_call_says_of_itself() -> None:
    row = by_number(read(LINES))[2]
    assert row["request_key"] == f"langfuse:{place(2)}"
    assert (row["trace_id"], row["call_id"]) == (TRACE_ID, place(2))
    assert row["started_at"] == datetime(2026, 5, 1, 10, 0, 2, tzinfo=UTC)
    assert (row["latency_ms"], row["ttft_ms"]) == (1150.0, None)
    assert (row["model_requested"], row["provider"]) == ("gpt-4o", "openai")
    assert (row["service_tier_asked"], row["max_tokens"]) == ("flex", 4096)
    assert row["prompt_version"] == "search-answer:7"
    assert row["gateway_cost"] == Decimal("0.00199")
    assert row["raw_usage"] == '{"input":412,"output":96,"total":508}'
    streamed = by_number(read(LINES))[8]
    assert (streamed["ttft_ms"], streamed["provider_total_tokens"]) == (250.0, None)


def test_a_clients_own_span_is_told_by_its_scope() -> None:
    rows = by_number(read(LINES))
    assert (rows[7]["evidence_rank"], rows[13]["evidence_rank"]) == (2, 1)
    assert rows[13]["call_id"] == rows[7]["call_id"]
    assert (rows[13]["request_id"], rows[13]["finish_reason"]) == ("msg_01", "end_turn")


def test_a_duplicate_is_the_same_record_and_a_retry_another() -> None:
    rows = read(LINES).rows["requests"]
    twice = [row for row in rows if row["request_key"] == f"langfuse:{place(2)}"]
    assert len(twice) == 2 and twice[0]["content_hash"] == twice[1]["content_hash"]
    assert len({row["request_key"] for row in rows}) == len(rows) - 1


def test_what_cannot_be_read_is_told_alone() -> None:
    parsed = read(LINES)
    assert [each.field for each in parsed.rejects] == ["usage_details.input", "start_time"]
    assert (parsed.records, parsed.foreign) == (len(OBSERVATIONS), 2)


def test_where_a_call_stands() -> None:
    said = contexts(read(LINES))
    assert said[place(1)] == {
        "agent": "researcher",
        "ended_at": "2026-05-01T10:00:02.150000+00:00",
        "kind": "agent",
        "metadata": {"feature": "search"},
        "parent": f"{TRACE_ID}/trace",
        "unnamed": {"metadata:environment": None},
    }
    assert (said[place(2)]["parent"], said[place(2)]["kind"]) == (place(1), "call")
    assert (said[place(11)]["tool"], said[place(9)]["status"]) == ("find-pages", "error")


def test_a_trace_is_around_its_observations() -> None:
    parsed = read(TRACE, "traces/a.jsonl")
    assert (parsed.rows["requests"], parsed.records, parsed.foreign) == ([], 1, 1)
    [(where, said)] = contexts(parsed).items()
    assert where == f"{TRACE_ID}/trace"
    assert (said["workflow"], said["customer"], said["session"]) == (
        *("answer-question", "cust-1001"),
        "s-1",
    )
    assert (said["tags"], said["labels"]) == ({"team": "search"}, ["vip"])
    assert said["metadata"] == {"feature": "search"}


def camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def of_api(record: dict[str, Any]) -> dict[str, Any]:
    """As the API writes it: other names, times with a zone, objects."""
    made = {camel(name): value for name, value in record.items()}
    for name in ("startTime", "endTime", "completionStartTime"):
        if made[name] and made[name][0].isdigit():
            made[name] = made[name].replace(" ", "T") + "Z"
    made["modelParameters"] = json.loads(made["modelParameters"] or "{}")
    return made | {"parentObservationId": made["parentObservationId"] or None}


def as_csv(records: list[dict[str, Any]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(records[0])
    for record in records:
        values = [json.dumps(v) if isinstance(v, dict | list) else v for v in record.values()]
        writer.writerow(["" if value is None else value for value in values])
    return file.getvalue().encode()


def as_parquet(records: list[dict[str, Any]]) -> bytes:
    """Maps and times as ClickHouse writes them. What is no time has no place in it."""
    made = []
    for record in records:
        times = ("start_time", "end_time", "completion_start_time")
        row = {
            name: datetime.fromisoformat(value) if name in times and value else value
            for name, value in record.items()
        }
        row["metadata"] = list(record["metadata"].items())
        row["usage_details"] = [(name, int(n)) for name, n in record["usage_details"].items()]
        row["cost_details"] = [(name, Decimal(n)) for name, n in record["cost_details"].items()]
        row["total_cost"] = None if not record["total_cost"] else Decimal(str(record["total_cost"]))
        row["tool_definitions"] = []
        made.append(row)
    kinds = {
        "metadata": pa.map_(pa.string(), pa.string()),
        "usage_details": pa.map_(pa.string(), pa.uint64()),
        "cost_details": pa.map_(pa.string(), pa.decimal128(38, 12)),
        "total_cost": pa.decimal128(38, 12),
        "tool_definitions": pa.map_(pa.string(), pa.string()),
    }
    inferred = pa.Table.from_pylist([{n: v for n, v in r.items() if n not in kinds} for r in made])
    fields = [pa.field(n, kinds.get(n) or inferred.schema.field(n).type) for n in records[0]]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(made, schema=pa.schema(fields)), sink)
    return sink.getvalue()


READABLE = [each for each in OBSERVATIONS if each["start_time"][0].isdigit()]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(json.dumps(READABLE).encode(), id="json"),
        pytest.param(as_csv(READABLE), id="csv"),
        pytest.param(as_parquet(READABLE), id="parquet"),
        pytest.param(
            json.dumps({"data": [of_api(each) for each in READABLE], "meta": {"page": 1}}).encode(),
            id="page",
        ),
    ],
)
def test_every_form_is_the_same_requests(data: bytes) -> None:
    lines, parsed = by_number(read(LINES)), read(data)
    assert len(parsed.rejects) == 1
    left_out = {"content_hash", "record_no", "raw_usage"}
    for number, row in by_number(parsed).items():
        assert {name: value for name, value in row.items() if name not in left_out} == {
            name: value for name, value in lines[number].items() if name not in left_out
        }
    assert len(by_number(parsed)) == len(lines)
    assert contexts(parsed) == contexts(read(LINES))


def test_what_is_said_of_a_trace_may_stand_on_the_observation() -> None:
    """observations_v2, and the second API."""
    more = {"user_id": "cust-7", "session_id": "s-7", "tags": ["feature:x"], "trace_name": "ask"}
    parsed = read(json.dumps(OBSERVATIONS[1] | more))
    [row] = parsed.rows["requests"]
    assert (row["customer_id"], row["session_id"]) == ("cust-7", "s-7")
    assert json.loads(row["attributes"])["tags"] == {"feature": "x"}
    assert contexts(parsed)[place(2)]["workflow"] == "ask"


def test_scores_manifests_and_empty_pages_are_passed_over() -> None:
    score = {"id": "x", "timestamp": "2026-05-01 10:00:00", "trace_id": "t", "value": 1.0}
    manifest = {"version": 1, "tables": ["traces"], "files": [{"key": "a"}]}
    for record in (score, manifest):
        parsed = read(json.dumps(record))
        assert (parsed.records, parsed.foreign, parsed.rejects) == (1, 1, [])
    assert read(json.dumps({"data": [], "meta": {"totalItems": 0}})).rejects == []


def test_ids_that_callers_choose_are_known_again() -> None:
    long = "time-10-00-00-123456_chatcmpl-" + "a" * 36
    first, second = (
        read(json.dumps(OBSERVATIONS[1] | {"id": long, "trace_id": "order 17/a"})),
        read(json.dumps({**json.loads(TRACE), "id": "order 17/a"})),
    )
    [row] = first.rows["requests"]
    assert row["request_id"] == "chatcmpl-" + "a" * 36
    [said] = [each for key, each in contexts(first).items()]
    assert f"{row['trace_id']}/trace" in contexts(second)
    assert said["parent"] == f"{row['trace_id']}/{1:016x}"


def test_a_secret_as_an_id_lands_nowhere() -> None:
    secret = "sk-proj-" + "aB3" * 12
    parsed = read(json.dumps(OBSERVATIONS[1] | {"id": secret, "parent_observation_id": secret}))
    assert secret not in str([parsed.rows, contexts(parsed)])


def test_records_that_are_none_of_langfuse_are_refused() -> None:
    for data in ("a,b\n1,2\n", '{"hello": 1}', b"PAR1broken", '{"id": "x", "startTime": true}'):
        parsed = read(data)
        assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1


def test_however_large_rows_are_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests become columns by the ten thousand; here by the hundred."""
    assert collecting.TOGETHER == 10_000
    monkeypatch.setattr(collecting, "TOGETHER", 100)
    record = OBSERVATIONS[1]
    start = datetime(2026, 5, 1, tzinfo=UTC)
    lines = (
        json.dumps(record | {"id": f"{n:016x}", "start_time": str(start + timedelta(seconds=n))})
        for n in range(201)
    )
    parsed = read("\n".join(lines))
    assert [table.num_rows for table in parsed.requests] == [100, 100]
    assert len(parsed.rows["requests"]) == 1
    assert set(METERS) and parsed.rejects == []
