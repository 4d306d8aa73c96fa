"""vLLM's counters: what each sample of a scrape or of Prometheus' API is, by hand."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.gateways.vllm import reader
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

SCRAPE = (Path(__file__).parent / "fixtures" / "vllm" / "scrape.prom").read_bytes()
RANGE = (Path(__file__).parent / "fixtures" / "vllm" / "query_range.json").read_bytes()
NAME = "vllm-0/2026-10-05T10-05-00.prom"
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"


def read(data: bytes, name: str = NAME) -> Parsed:
    parsed = reader.read_object(data, name, Gateway("gpus", "vllm", "/logs", {}))
    landed = {row["record_no"] for row in parsed.rows["counters"]}
    assert parsed.records == len(landed) + len(parsed.rejects) + parsed.foreign
    return parsed


def said(row: Row) -> tuple[Any, ...]:
    return row["counter"], row["model"], row["instance"], row["value"]


def at(row: Row) -> str:
    return f"{row['sampled_at']:%d %H:%M:%S}"


def test_each_line_of_a_scrape_is_what_it_says() -> None:
    parsed = read(SCRAPE)
    assert [said(row) for row in parsed.rows["counters"]] == [
        ("cache_read", LLAMA, "vllm-0", 2048),
        ("input", LLAMA, "vllm-0", 1_234_567),
        ("output", LLAMA, "vllm-0", 45_000),
        ("requests", LLAMA, "vllm-0", 90),
        ("requests", LLAMA, "vllm-0", 7),
    ]
    assert {at(row) for row in parsed.rows["counters"]} == {"05 10:05:00"}
    began = datetime(2026, 10, 5, 0, 5, 20, 510_000, tzinfo=UTC)
    assert {row["process_started_at"] for row in parsed.rows["counters"]} == {began}
    # the two that ended otherwise are two series
    assert len({row["series"] for row in parsed.rows["counters"]}) == 5
    # start, running, queries, the older name of hits, created, a bucket, cache config
    assert (parsed.records, parsed.foreign) == (15, 7)
    assert [(reject.field, reject.reason) for reject in parsed.rejects] == [
        ("value", "no count"),
        ("model_name", "missing"),
        (None, "no sample of a metric"),
    ]


def test_a_range_of_the_api_says_what_increases_hang_on() -> None:
    """Of a minute's samples each hour's first and last, and what a fall is between."""
    parsed = read(RANGE, "october.json")
    rows = [row for row in parsed.rows["counters"] if row["counter"] == "input"]
    assert [(at(row), row["value"]) for row in rows] == [
        ("05 10:00:00", 100),
        ("05 10:20:00", 900),
        ("05 10:30:00", 50),
        ("05 10:50:00", 70),
        ("05 11:00:00", 80),
    ]
    assert {row["instance"] for row in rows} == {"10.0.0.7:8000"}
    assert {row["process_started_at"] for row in rows[:2]} == {None}
    assert rows[2]["process_started_at"] == datetime(2026, 10, 5, 10, 25, tzinfo=UTC)
    # one of Prometheus' own, and a series whose value is none
    assert (parsed.records, parsed.foreign) == (5, 2)
    assert [reject.field for reject in parsed.rejects] == ["value"]


def test_two_that_scraped_one_server_tell_one_series() -> None:
    [one], [other], [another] = (
        read(
            json.dumps(
                {
                    "metric": {
                        "__name__": name,
                        "model_name": "m",
                        "instance": server,
                        "prometheus_replica": replica,
                    },
                    "values": [7],
                    "timestamps": [1_791_194_700_000],
                }
            ).encode()
        ).rows["counters"]
        for name, server, replica in (
            ("vllm:prompt_tokens_total", "a", "1"),
            # of an earlier release, and of another Prometheus
            ("vllm:prompt_tokens", "a", "2"),
            ("ray_vllm_prompt_tokens_total", "b", "1"),
        )
    )
    assert one["series"] == other["series"] != another["series"]
    assert one["sampled_at"] == datetime(2026, 10, 5, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "name", "moment"),
    [
        ("1 1791194700000", "x.prom", "05 10:05:00"),
        ("1 1791194700.5\n# EOF", "x.prom", "05 10:05:00"),
        ('1 # {trace_id="a"} 1', "vllm-0/2026-10-05/1005.prom", "05 10:05:00"),
        ("1", "1791194700.txt", "05 10:05:00"),
        ("1", "gpu-12-30_20261005T100501Z.prom.gz", "05 10:05:01"),
    ],
)
def test_a_sample_has_its_own_time_else_its_objects(line: str, name: str, moment: str) -> None:
    text = f'vllm:prompt_tokens_total{{model_name="a \\"b\\""}} {line}\n'.encode()
    [row] = read(gzip.compress(text) if name.endswith("gz") else text, name).rows["counters"]
    assert (at(row), row["model"]) == (moment, 'a "b"')
    if name.startswith("gpu"):
        assert row["instance"] == "gpu-12-30"


@pytest.mark.parametrize(
    ("data", "reasons"),
    [
        (b"", ["empty object"]),
        (b"up 1\n", ["no counter of vLLM in it, such as vllm:prompt_tokens_total"]),
        # the value may go on
        (
            b"vllm:x 1\nvllm:prompt_tokens_to",
            ["truncated object"],
        ),
        (
            b'{"status": "error", "error": "query timed out"}',
            ["no answer of Prometheus: expected `data.result`, or a line with `metric`"],
        ),
        (b'{"status": "success", "data": {"result": [{"metric": {}, "val', ["truncated object"]),
        (b'vllm:prompt_tokens_total{model_name="m"} 1e400\n', ["no count"]),
        (b'vllm:prompt_tokens_total{model_name="m"} -1\n', ["no count"]),
        (b'vllm:prompt_tokens_total{model_name="m} 1\n', ["no sample of a metric"]),
    ],
)
def test_what_is_no_counter_is_told(data: bytes, reasons: list[str]) -> None:
    parsed = read(data)
    assert [reject.reason for reject in parsed.rejects] == reasons
    assert parsed.rows["counters"] == []


def test_an_object_that_tells_no_time_is_refused_with_what_to_do() -> None:
    [reject] = read(b'vllm:prompt_tokens_total{model_name="m"} 1\n', "scrape-7.prom").rejects
    assert (reject.reason, reject.option) == (
        "no time: neither the sample nor its object has one",
        "name its object after the moment of the scrape in UTC, as vllm-0/2026-11-28T10-05-00.prom",
    )
