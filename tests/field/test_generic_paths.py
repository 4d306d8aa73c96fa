"""Nested columns of a company's own log: by path, in every container, as tags and as metadata."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.gateways.generic import reader as generic
from ingestion.landing.landing import Landing
from ingestion.landing.loading import load_gateway
from ingestion.records import Parsed, Row
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Gateway

# field/12: what Langfuse exports, in format `generic`
OBSERVATION: Final[dict[str, Any]] = {
    "id": "obs-1",
    "trace_id": "tr-1",
    "type": "GENERATION",
    "start_time": "2026-10-18 10:00:00.123",
    "end_time": "2026-10-18 10:00:02.123",
    "provided_model_name": "gpt-4o-2024-08-06",
    "usage_details": {"input": 412, "output": 87, "input_cached_tokens": 100, "total": 599},
    "cost_details": {"input": 0.00103},
    "total_cost": 0.0019,
    "latency": 2.0,
    "user_id": "",
    "tags": ["prod", "summarize", "team:search"],
    "metadata": {"customer_tier": "pro"},
}
COLUMNS: Final = {
    "timestamp": "start_time",
    "request_id": "id",
    "model_name": "provided_model_name",
    "input_token_count": "usage_details.input",
    "output_token_count": "usage_details.output",
    "cached_tokens": "usage_details.input_cached_tokens",
    "cost": "total_cost",
    "tag:tier": "metadata.customer_tier",
    "trace_id": "trace_id",
}
OPTIONS: Final[dict[str, Any]] = {"latency_unit": "s", "columns": COLUMNS}


def as_jsonl(record: dict[str, Any]) -> bytes:
    return json.dumps(record).encode() + b"\n"


def as_csv(record: dict[str, Any]) -> bytes:
    """Objects and lists as JSON in a cell."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(record)
    writer.writerow(json.dumps(v) if isinstance(v, dict | list) else v for v in record.values())
    return text.getvalue().encode()


def as_parquet(record: dict[str, Any]) -> bytes:
    """Objects as structs, and metadata as a map."""
    maps = {"metadata": pa.map_(pa.string(), pa.string())}
    arrays = {
        name: pa.array([list(v.items()) if name in maps else v], maps.get(name))
        for name, v in record.items()
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(arrays), sink)
    return sink.getvalue()


def read(data: bytes, **options: Any) -> Parsed:
    return generic.read_object(data, "observations.jsonl", Gateway("lf", "generic", "/l", options))


def one(data: bytes, **options: Any) -> Row:
    parsed = read(data, **options)
    assert parsed.rejects == []
    (row,) = parsed.rows["requests"]
    return row


@pytest.mark.parametrize("container", [as_jsonl, as_csv, as_parquet])
def test_columns_by_path_are_read_in_every_container(container: Any) -> None:
    row = one(container(OBSERVATION), **OPTIONS)
    assert (row["request_id"], row["trace_id"]) == ("obs-1", "tr-1")
    assert row["started_at"] == datetime(2026, 10, 18, 10, 0, 0, 123000, UTC)
    assert row["latency_ms"] == 2000
    assert (row["output_quantity"], row["cache_read_quantity"]) == (87, 100)
    assert str(row["gateway_cost"]) == "0.001900000000"
    found = json.loads(row["attributes"])
    assert found["tags"] == {"team": "search", "tier": "pro"}
    assert found["labels"] == ["prod", "summarize"]
    assert found["metadata"] == {"customer_tier": "pro"}


@pytest.mark.parametrize(
    ("record", "path", "expected"),
    [
        ({"usage": {"in": {"tokens": 7}}}, "usage.in.tokens", 7),
        ({"usage.in": 7, "usage": {"in": 8}}, "usage.in", 7),
        ({"usage": {"in.tokens": 7}}, "usage.in.tokens", 7),
        ({"usage.v2": {"in": 7}, "usage": {"v2": {"out": 1}}}, "usage.v2.in", 7),
        ({"usage": '{"in": 7}'}, "usage.in", 7),
        ({"usage": {"body": '{"in": "7"}'}}, "usage.body.in", 7),
        ({"calls": [{"in": 7}, {"in": 8}]}, "calls.0.in", 7),
    ],
)
def test_a_path_leads_through_objects_texts_and_lists(
    record: dict[str, Any], path: str, expected: int
) -> None:
    call = {"timestamp": "2026-10-18T10:00:00Z", "model_name": "gpt-4o", "output_token_count": 0}
    row = one(as_jsonl(call | record), columns={"input_token_count": path})
    assert row["input_quantity"] == expected


def test_a_flat_parquet_column_with_a_dot_and_times_in_nanoseconds_inside_of_a_struct() -> None:
    when = pa.scalar(1791194400_123456789, pa.timestamp("ns", "UTC"))
    table = pa.table(
        {
            "usage.in": [7],
            "call": pa.StructArray.from_arrays(
                [pa.array([when]), pa.array(["gpt-4o"])], names=["at", "model"]
            ),
            "out": [0],
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink)
    columns = {
        "timestamp": "call.at",
        "model_name": "call.model",
        "input_token_count": "usage.in",
        "output_token_count": "out",
    }
    row = one(sink.getvalue(), columns=columns)
    assert (row["input_quantity"], row["started_at"].microsecond) == (7, 123456)


@pytest.mark.parametrize("without", ["usage_details", "usage_details.output", "start_time"])
def test_a_reject_names_its_column(without: str) -> None:
    head, _, below = without.partition(".")
    record = {name: value for name, value in OBSERVATION.items() if name != head}
    if below:
        details = OBSERVATION["usage_details"]
        record[head] = {name: value for name, value in details.items() if name != below}
    (reject,) = read(as_jsonl(record), **OPTIONS).rejects
    assert reject.field == {"usage_details": "usage_details.input"}.get(without, without)
    assert reject.reason == "no such column: name it under `columns`"


@pytest.mark.parametrize("odd", [{"a": 1}, [1, 2], "4 1 2", "12.5", True])
def test_a_value_that_is_no_count_is_a_reject_of_its_path(odd: Any) -> None:
    record = OBSERVATION | {"usage_details": OBSERVATION["usage_details"] | {"input": odd}}
    (reject,) = read(as_jsonl(record), **OPTIONS).rejects
    assert reject.field == "usage_details.input"


def test_a_field_that_some_records_lack_is_no_matter() -> None:
    other = OBSERVATION | {"id": "obs-2", "metadata": {}, "tags": None}
    parsed = read(as_jsonl(OBSERVATION) + as_jsonl(other), **OPTIONS)
    assert (len(parsed.rows["requests"]), parsed.rejects, parsed.absent) == (2, [], [])


@pytest.mark.parametrize(
    "wrong", ["metadata.customer_teir", "meta.customer_tier", "metadata.customer_tier.x"]
)
def test_a_column_that_no_record_has_is_told_with_its_file(wrong: str, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("a.jsonl", "b.jsonl"):
        (logs / name).write_bytes(as_jsonl(OBSERVATION | {"id": name}))
    options = OPTIONS | {"columns": COLUMNS | {"tag:tier": wrong}}
    gateway = Gateway("lf", "generic", str(logs), options)
    landing = Landing(open_storage(str(tmp_path / "landing")))
    told = (
        f"lf: no record of a.jsonl and of 1 more objects has the column `{wrong}` (tag:tier): it is"
        " empty there; is its name under `columns` in tollbook.yaml right?",
    )
    assert load_gateway(gateway, landing).warnings == told
    again = load_gateway(gateway, landing)
    assert (again.batch, again.warnings) == (None, told)


def test_what_a_column_is_named_for_goes_before_tags_and_metadata() -> None:
    record = OBSERVATION | {"tags": {"tier": "free", "team": ["ads"]}, "labels": "x"}
    found = json.loads(one(as_jsonl(record), **OPTIONS)["attributes"])
    assert found["tags"] == {"tier": "pro", "team": "ads"}


@pytest.mark.parametrize(
    "tags", ["team:search, vip", '["team:search", "vip"]', [{"key": "team", "value": "search"}]]
)
def test_tags_of_a_log_have_any_shape_and_any_column(tags: Any) -> None:
    record = {name: v for name, v in OBSERVATION.items() if name != "tags"} | {"labels": tags}
    options = OPTIONS | {"columns": COLUMNS | {"tags": "labels", "header:x-env": "type"}}
    found = json.loads(one(as_jsonl(record), **options)["attributes"])
    assert found["tags"]["team"] == "search"
    assert found["headers"] == {"x-env": "GENERATION"}


def counted(total: int | None, cached: int = 100, **options: Any) -> Row:
    details = OBSERVATION["usage_details"] | {"input_cached_tokens": cached, "total": total}
    return one(as_jsonl(OBSERVATION | {"usage_details": details}), **OPTIONS | options)


@pytest.mark.parametrize(
    ("total", "uncached"),
    [
        (599, 412),  # 412 + 87 + 100: the cached ones stand beside, as Langfuse counts them
        (499, 312),  # 412 + 87: they are within
        (None, 312),
        (777, 312),  # proves nothing, and nobody said that it is the total
    ],
)
def test_a_total_beside_the_input_proves_where_cached_tokens_stand(
    total: int | None, uncached: int
) -> None:
    row = counted(total)
    assert (row["input_quantity"], row["cache_read_quantity"]) == (uncached, 100)


def test_the_same_in_flat_columns_and_in_a_total_that_is_mapped() -> None:
    header = "timestamp,model_name,input_token_count,output_token_count,cached_tokens,total_tokens"
    line = "2026-10-18T10:00:00Z,gpt-4o,412,87,100,599"
    for options in ({}, {"columns": {"total_tokens": "total_tokens"}}):
        assert one(f"{header}\n{line}\n".encode(), **options)["input_quantity"] == 412
    mapped = {"columns": {"total_tokens": "total_tokens"}}
    (reject,) = read(f"{header}\n{line.replace('599', '600')}\n".encode(), **mapped).rejects
    assert (reject.field, "(600, they make 499)" in reject.reason) == ("total_tokens", True)


def test_more_cached_tokens_than_input_need_the_total() -> None:
    assert counted(412 + 87 + 500, cached=500)["input_quantity"] == 412
    details = OBSERVATION["usage_details"] | {"input_cached_tokens": 500, "total": None}
    (reject,) = read(as_jsonl(OBSERVATION | {"usage_details": details}), **OPTIONS).rejects
    assert (reject.field, reject.reason.endswith("(412, they make 500)")) == (
        "usage_details.input",
        True,
    )
