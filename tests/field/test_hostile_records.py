"""No record stops good ones, is misread in silence, or takes time or room without end."""

import gzip
import io
import json
import time
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from ingestion.gateways.generic import reader as generic
from ingestion.gateways.litellm import reader as litellm
from ingestion.records import Parsed
from ingestion.workspace.sections.object_limits import ObjectLimits
from ingestion.workspace.sources import Gateway

GOOD = {
    "timestamp": "2026-10-05T10:00:00Z",
    "model_name": "gpt-4o",
    "input_token_count": 100,
    "output_token_count": 5,
}
CALL = {
    "id": "a",
    "litellm_call_id": "a",
    "startTime": 1791194400.0,
    "endTime": 1791194401.5,
    "model": "gpt-4o",
    "custom_llm_provider": "openai",
    "status": "success",
    "response_cost": 0.1,
    "prompt_tokens": 100,
    "completion_tokens": 5,
    "total_tokens": 105,
    "metadata": {},
    "hidden_params": {},
}
READERS = {"generic": generic, "litellm": litellm}
NINES = "9" * 5000
DEEP = "[" * 20_000 + "]" * 20_000
# JSON literals that no number, time, text or shape of a log is
LITERALS = [
    *("1e9999999", "-1e9999999", "1e-9999999", "1e999999999999999999999", NINES, f"0.{NINES}"),
    *("true", "null", "{}", "[]", '{"a": {}}', '"\\u0000\\u001b[31m"', '""', '" "', DEEP),
    *('"NaN"', '"Infinity"', '"1_000"', '"١٢"', '"1e400"', "-5", "1.5", '"2026-13-45"'),
    *('"99999-01-01T00:00:00Z"', "253402300800", "1e300", '"1e300"', "-62135596801"),
]


def read(
    log_format: str, data: bytes, limits: ObjectLimits | None = None, **options: Any
) -> Parsed:
    gateway = Gateway("g", log_format, "logs", options, limits=limits or ObjectLimits())
    parsed = READERS[log_format].read_object(data, "a.json", gateway)
    kept = {row["record_no"] for row in parsed.rows["requests"]}
    refused = {reject.record_no for reject in parsed.rejects}
    assert not kept & refused
    assert parsed.records == len(kept) + len(refused)
    return parsed


def with_literal(record: dict[str, Any], field: str, literal: str) -> str:
    """JSON of the record in which a field has this literal, whatever it is."""
    return json.dumps(record | {field: "@"}).replace('"@"', literal)


@pytest.mark.parametrize("field", [*CALL, "nobody_reads_this"])
def test_no_value_of_a_litellm_field_stops_the_records_beside_it(field: str) -> None:
    good = json.dumps(CALL)
    for literal in LITERALS:
        # of this process, however busy the machine is
        started = time.process_time()
        data = f"{good}\n{with_literal(CALL, field, literal)}\n{good}"
        parsed = read("litellm", data.encode())
        assert parsed.records == 3
        assert {0, 2} <= {row["record_no"] for row in parsed.rows["requests"]}
        assert time.process_time() - started < 5
        if field == "nobody_reads_this" and literal is not DEEP:
            assert not parsed.rejects, literal


@pytest.mark.parametrize("field", [*GOOD, "cost", "latency", "tags", "metadata", "unread"])
def test_no_value_of_an_in_house_field_stops_the_records_beside_it(field: str) -> None:
    good = json.dumps(GOOD)
    for literal in LITERALS:
        data = f"{good}\n{with_literal(GOOD, field, literal)}\n{good}"
        parsed = read("generic", data.encode())
        assert parsed.records == 3
        assert {0, 2} <= {row["record_no"] for row in parsed.rows["requests"]}
        if field == "unread" and literal is not DEEP:
            assert not parsed.rejects, literal
        for reject in parsed.rejects:
            assert len(reject.reason) < 200
            assert NINES[:50] not in reject.reason


def test_one_time_of_parquet_past_year_9999_costs_its_own_record() -> None:
    times = pa.array([1791194400, 10**17, 1791194401, 10**18], pa.int64())
    for unit, scale in (("ms", 1000), ("us", 10**6)):
        scaled = [t if t > 10**12 else t * scale for t in times.to_pylist()]
        table = pa.table(
            {
                "timestamp": pa.array(scaled, pa.int64()).cast(pa.timestamp(unit)),
                "model_name": ["gpt-4o"] * 4,
                "input_token_count": [1] * 4,
                "output_token_count": [1] * 4,
            }
        )
        sink = io.BytesIO()
        pq.write_table(table, sink)
        parsed = read("generic", sink.getvalue())
        landed = [row["started_at"] for row in parsed.rows["requests"]]
        assert all(datetime.fromisoformat("2026-01-01T00:00:00Z") < at for at in landed)
        assert {reject.field for reject in parsed.rejects} <= {"timestamp"}
        assert {0, 2} <= {row["record_no"] for row in parsed.rows["requests"]}, unit
        assert parsed.records == 4


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\n\r", "\r\r\n"])
@pytest.mark.parametrize("kind", ["csv", "json", "litellm"])
def test_every_line_end_separates_records(end: str, kind: str) -> None:
    if kind == "litellm":
        parsed = read("litellm", end.join([json.dumps(CALL)] * 3).encode())
    elif kind == "json":
        parsed = read("generic", end.join([json.dumps(GOOD)] * 3).encode())
    else:
        line = ",".join(map(str, GOOD.values()))
        parsed = read("generic", end.join([",".join(GOOD), line, line, line]).encode())
    assert (parsed.records, len(parsed.rows["requests"])) == (3, 3)


def test_a_line_end_within_a_quoted_cell_is_text() -> None:
    text = "timestamp,model_name,input_token_count,output_token_count,note\r"
    text += '2026-10-05T10:00:00Z,gpt-4o,1,2,"two\rlines"\r2026-10-05T10:00:00Z,gpt-4o,1,2,x\r'
    assert len(read("generic", text.encode()).rows["requests"]) == 2


@pytest.mark.parametrize(
    ("cost", "exact"),
    [
        ("1,234.50", "1234.5"),
        ("1,234,567", "1234567"),
        ("0.0123", "0.0123"),
        ("0,0123", None),
        ("12,5", None),
        ("1,234", None),
        ("1.234,5", None),
        ("0,012,345", None),
        ("1_000", None),
        ("٣", None),
        ("1,23,456.0", None),
    ],
)
def test_a_comma_is_between_thousands_or_refused(cost: str, exact: str | None) -> None:
    parsed = read("generic", json.dumps(GOOD | {"cost": cost}).encode())
    if exact is None:
        assert [reject.field for reject in parsed.rejects] == ["cost"]
    else:
        assert parsed.rows["requests"][0]["gateway_cost"] == Decimal(exact)


@pytest.mark.parametrize(("count", "whole"), [("1,234", 1234), ("1,23", None), ("0,123", None)])
def test_a_count_may_have_one_group_of_thousands(count: str, whole: int | None) -> None:
    record = GOOD | {"input_token_count": count}
    rows = read("generic", json.dumps(record).encode()).rows["requests"]
    assert [row["input_quantity"] for row in rows] == ([] if whole is None else [whole])


@pytest.mark.parametrize("latency", [1e14, "100000000000000", 1e11])
def test_a_latency_in_another_unit_moves_no_request(latency: object) -> None:
    parsed = read("generic", json.dumps(GOOD | {"latency": latency}).encode())
    assert [(r.field, r.reason) for r in parsed.rejects] == [
        ("latency", "longer than 60 days: check its unit")
    ]


def test_an_end_years_after_its_start_is_no_end() -> None:
    parsed = read("litellm", json.dumps(CALL | {"endTime": 1791194401500.0 / 300}).encode())
    assert [reject.field for reject in parsed.rejects] == ["endTime"]


def packed(data: bytes, kind: str) -> bytes:
    if kind == "gzip":
        return gzip.compress(data)
    return zstandard.ZstdCompressor(level=19).compress(data)


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
@pytest.mark.parametrize("log_format", ["generic", "litellm"])
def test_a_bomb_ends_at_its_ratio_and_is_told(kind: str, log_format: str) -> None:
    good = json.dumps(GOOD if log_format == "generic" else CALL).encode()
    parsed = read(log_format, packed(good + b"\n" + b"0" * (200 * 2**20), kind))
    assert len(parsed.rows["requests"]) == 1
    [reject] = parsed.rejects
    assert reject.reason.endswith("raise object_max_ratio if that is right")
    assert reject.extent == "rest"


def test_size_and_records_are_bounded_and_settable() -> None:
    line = json.dumps(GOOD).encode() + b"\n"
    many = read("generic", line * 5, ObjectLimits(object_max_records=3))
    assert (len(many.rows["requests"]), many.records) == (3, 4)
    assert many.rejects[0].reason.endswith("raise object_max_records if that is right")
    large = read("generic", line * 20_000, ObjectLimits(object_max_mb=1))
    assert large.rejects[0].reason.endswith("raise object_max_mb if that is right")
    assert len(large.rows["requests"]) == 2**20 // len(line)
    assert not read("generic", line * 20_000).rejects


def test_a_parquet_of_a_billion_equal_rows_is_not_read() -> None:
    table = pa.table({name: [value] * 100_000 for name, value in GOOD.items()})
    sink = io.BytesIO()
    pq.write_table(table, sink)
    [reject] = read("generic", sink.getvalue(), ObjectLimits(object_max_records=1000)).rejects
    assert reject.reason.startswith("more than 1000 records")
    assert reject.extent == "object"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
@pytest.mark.parametrize("log_format", ["generic", "litellm"])
def test_another_encoding_is_told_as_what_it_is(encoding: str, log_format: str) -> None:
    text = "\ufeff" * (encoding == "utf-16-be") + json.dumps(GOOD)
    [reject] = read(log_format, text.encode(encoding)).rejects
    assert reject.reason == "UTF-16 and not UTF-8: write the log as UTF-8"
