"""Large logs of JSON lines and CSV are read by columns: each record is what it is by itself."""

import csv
import gzip
import io
import json
from random import Random
from typing import Any

import pytest
from both_ways import RECORDS, Both, assert_equal, both_of, in_columns, log, rows_of

from ingestion.gateways.generic import by_columns
from ingestion.gateways.generic import reader as generic
from ingestion.reading.columns import together
from ingestion.workspace.sections.object_limits import ObjectLimits
from ingestion.workspace.sources import Gateway
from tests.fuzz.corpus import RECORD, Sample
from tests.fuzz.mutations import LITERALS, mutated

KINDS = ("json", "csv")


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Both:
    return both_of(monkeypatch)


def records(seed: int) -> list[dict[str, Any]]:
    columns = log(Random(seed))
    columns["timestamp"] = [moment.isoformat() for moment in columns["timestamp"]]
    names = list(columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def lines(kind: str, said: list[dict[str, Any]]) -> list[str]:
    if kind == "json":
        return list(map(json.dumps, said))
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(said[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(said)
    return sink.getvalue().splitlines()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_lines_by_columns_are_the_rows(both: Both, kind: str, seed: int) -> None:
    by_column, one_by_one = both("\n".join(lines(kind, records(seed))))
    assert by_column.rows["requests"] == []
    assert in_columns(by_column) == RECORDS
    assert_equal(by_column, one_by_one)


# values of a JSON record; a CSV has their texts
ODD: dict[str, tuple[Any, ...]] = {
    "timestamp": (None, "", "soon", 1790000000, 20261005, "2026-10-05", " 2026-10-05T01:00Z ", []),
    "request_id": (None, "", " r ", 7, 7.5, 10**30, True, "sk-abcdefgh12345", "x" * 300, "é", {}),
    "user_id": ("", " ann ", 7, 1.50, "Bearer abcdefghijkl", "sk-my$ecret!1", "z" * 300, ["a"]),
    "input_token_count": (None, "", -1, 12.0, 1.5, "12", "1,234", "007", "12,5", 10**15 + 1, True),
    "output_token_count": (None, -1, 0, 10**15, 10**40, "abc", "nan", {"a": 1}),
    "cached_tokens": ("", -1, 3.0, 10**9, "5", False, [1]),
    "latency": (-1, "12.5", "fast", 0.1 + 0.2, 5.184e9, 5.185e9, 1e300, None, True),
    "cost": ("", "0.0123", "1,234.50", "12,5", -0.5, 1e15, 1e16, 1e-13, 3, [0.1]),
    "model_name": (None, "", 4, 4.0, "models/gemini-2.5-pro", "m" * 300, ["gpt-4o"]),
    "status": (None, "", 500, "500", 5e2, True, "no such word here", "w" * 70, {"code": 1}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("column", ODD)
def test_odd_values_cost_and_keep_their_own_record(both: Both, kind: str, column: str) -> None:
    said = records(7)
    for place, value in enumerate(ODD[column]):
        said[place * 90 + 3][column] = value
    by_column, one_by_one = both("\n".join(lines(kind, said)))
    assert in_columns(by_column) >= RECORDS - len(ODD[column])
    assert_equal(by_column, one_by_one)


@pytest.mark.parametrize("literal", LITERALS, ids=lambda literal: literal[:12])
@pytest.mark.parametrize(
    "column",
    [
        *("input_token_count", "more"),
        *(pytest.param(name, marks=pytest.mark.whole) for name in ("latency", "status", "user_id")),
    ],
)
def test_hostile_literals_cost_their_own_record(both: Both, literal: str, column: str) -> None:
    said = records(1)[:520]
    said[5][column] = said[505][column] = "@"
    by_column, one_by_one = both("\n".join(lines("json", said)).replace('"@"', literal))
    assert in_columns(by_column) >= 518
    assert_equal(by_column, one_by_one)


OPTIONS: list[dict[str, Any]] = [
    {"latency_unit": "s", "timezone": "Europe/Berlin", "provider": "azure"},
    {"tokens_inclusive_of_cache": False, "columns": {"reasoning_tokens": "cached_tokens"}},
    {"columns": {"total_tokens": "input_token_count", "tag:zone": "latency"}},
    {"columns": {"user_id": "session_id", "customer_id": "user_id", "metadata:cost": "cost"}},
    {"columns": {"latency_ms": "output_token_count", "ended_at": "timestamp", "region": "none"}},
    {"columns": {"call_id": "request_id", "images": "cached_tokens", "attempt_no": "cost"}},
    {"columns": {"timestamp": "cached_tokens"}, "timestamp_format": "epoch_s"},
    {"columns": {"input_token_count": "usage.input"}},
    {"timestamp_format": "%Y-%m-%dT%H:%M:%S.%f%z"},
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", OPTIONS)
def test_lines_under_options(both: Both, kind: str, options: dict[str, Any]) -> None:
    said = records(5)
    for number, record in enumerate(said):
        record["total"] = record["input_token_count"] + record["output_token_count"]
        record["total"] *= number % 7 != 0
    assert_equal(*both("\n".join(lines(kind, said)), **options))


def test_tags_and_metadata_in_lines(both: Both) -> None:
    said = records(4)
    for number, record in enumerate(said):
        record["tags"] = (["team:a", "b"], "team:b,c", {"team": "c"}, None)[number % 4]
        record["metadata"] = {"tier": "pro", "n": (number % 3, 1.50, "1.50")[number % 3]}
    by_column, one_by_one = both("\n".join(lines("json", said)))
    assert in_columns(by_column) == RECORDS
    assert_equal(by_column, one_by_one)


@pytest.mark.parametrize("seed", range(16))
def test_damaged_lines_are_what_they_are_one_by_one(
    both: Both, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Records of the fuzzer among plain ones, in parts, then bytes of the whole file damaged."""
    random = Random(seed)
    monkeypatch.setattr(by_columns, "FEWEST", random.choice((1, 40)))
    monkeypatch.setattr(together, "TOGETHER", random.choice((70, 333, 20_000)))
    plain = [line.encode() for line in lines("json", records(seed)[:400])]
    wild = Sample("generic", "jsonl", json.dumps(RECORD).encode(), (RECORD,))
    some = [mutated(wild, random) if random.random() < 0.15 else line for line in plain]
    data = b"\n".join(some)
    by_column, one_by_one = both(data)
    assert in_columns(by_column) > 200
    assert_equal(by_column, one_by_one)
    assert_equal(*both(mutated(Sample("generic", "jsonl", data), random)))
    table = "\n".join(lines("csv", records(seed)[:400])).encode()
    assert_equal(*both(mutated(Sample("generic", "csv", table), random)))


BAD_LINES = {
    "json": {
        17: b"{",
        400: b"[1]",
        401: b'{"timestamp": "2026-10-05T10:00:00Z", "user_id": "\xff"}',
        998: b'{"timestamp": "soon", "model_name": "m"}',
    },
    "csv": {17: b"only,three,fields", 400: b'"', 401: b"\xff" + b"," * 11, 998: b"," * 11},
}


@pytest.mark.parametrize("kind", KINDS)
def test_bad_lines_are_isolated_with_their_place(both: Both, kind: str) -> None:
    said = [line.encode() for line in lines(kind, records(2))]
    first = 1 if kind == "csv" else 0
    for number, bad in BAD_LINES[kind].items():
        said[number + first] = bad if bad != b'"' else b"1" + said[number + first]
    data = b"\r\n".join(said) + b"\r\n"
    by_column, one_by_one = both(data)
    assert [reject.record_no for reject in by_column.rejects] == list(BAD_LINES[kind])
    for reject in by_column.rejects:
        line = said[reject.record_no + first]
        assert data[reject.offset or 0 :][: reject.length] == line
    assert in_columns(by_column) == RECORDS - len(BAD_LINES[kind])
    assert_equal(by_column, one_by_one)


def test_an_object_of_many_parts_keeps_its_numbers(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "TOGETHER", 600)
    said = records(3)
    said[250]["input_token_count"] = said[850]["input_token_count"] = -5
    data = gzip.compress("\n".join(lines("json", said * 2)).encode())
    by_column, one_by_one = both(data)
    assert_equal(by_column, one_by_one)
    assert [each.record_no for each in by_column.rejects] == [250, 850, 1250, 1850]
    cut_column, cut_one = both(data[:-2000])
    assert cut_column.rejects[-1].reason == "truncated gzip object"
    assert in_columns(cut_column) > 600
    assert_equal(cut_column, cut_one)


def test_columns_stop_at_the_limit_of_an_object() -> None:
    gateway = Gateway("proxy", "generic", "/logs", {}, limits=ObjectLimits(object_max_records=700))
    data = "\n".join(lines("json", records(6))).encode()
    found = generic.read_object(data, "log.jsonl", gateway)
    assert (found.records, in_columns(found), len(found.rejects)) == (701, 700, 1)
    assert [row["record_no"] for row in rows_of(found)] == list(range(700))
