"""The table LiteLLM_SpendLogs as COPY wrote it from a real proxy's database, release 1.110.2."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from litellm_logs import read, without

from ingestion.records import Row

REAL = Path(__file__).parent / "fixtures" / "litellm-1.110.2"
TABLE = gzip.decompress((REAL / "pg_spendlogs.csv.gz").read_bytes())
METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
# Neither of the two kinds of writes is in the table: all count as those of five minutes.
UNSPLIT = {"cache_write", "resp_write_ttl"}
HEADER, FIRST, SECOND = TABLE.splitlines(keepends=True)[:3]


def expected() -> dict[str | None, dict[str, Any]]:
    calls = map(json.loads, (REAL / "expected.jsonl").read_text().splitlines())
    return {call["litellm_call_id"]: call for call in calls}


def table_rows(data: bytes = TABLE) -> list[Row]:
    parsed = read(data, "spendlogs.csv")
    assert parsed.rejects == []
    return parsed.rows["requests"]


def test_every_row_is_the_call_that_was_made() -> None:
    calls = expected()
    # a refused key has no call id in the client's hands
    rows = {row["call_id"]: row for row in table_rows() if row["call_id"] in calls}
    assert rows.keys() == calls.keys() - {None}
    for call_id, row in rows.items():
        call = calls[call_id]
        meters = [row[f"{meter}_quantity"] for meter in METERS]
        counted = dict(call["meters"])
        unsplit = [counted.pop(name, 0) for name in tuple(counted) if name.startswith("cache_w")]
        assert row["status"] == call["status"]
        assert (row["cache_layer"] == "gateway_exact") == call["gateway_cache_hit"]
        assert row["gateway_key_alias"] == call["key_alias"]
        if call["kind"] == "stream_nousage":
            assert row["tokens_estimated"]
        elif call["kind"] in UNSPLIT:
            assert row["cache_ttl_assumed"]
            assert meters == [counted["input"], counted["cache_read"], sum(unsplit), 0, meters[-1]]
        else:
            assert meters == [call["meters"][meter] for meter in METERS], call["id"]


def as_json(table: bytes) -> bytes:
    """The same rows as an export of JSONB columns gives them."""
    lines = csv.DictReader(table.decode().splitlines())
    objects = ("metadata", "request_tags", "messages", "response", "proxy_server_request")
    return b"\n".join(
        json.dumps(
            {
                name: json.loads(cell) if cell and name in objects else cell or None
                for name, cell in line.items()
            }
        ).encode()
        for line in lines
    )


def test_a_row_lands_alike_as_json_and_as_csv() -> None:
    left_out = ("content_hash", "raw_usage", "attributes", "unnamed_attributes")
    assert without(table_rows(), *left_out) == without(table_rows(as_json(TABLE)), *left_out)


@pytest.mark.parametrize(
    "as_written",
    [
        gzip.compress,
        lambda table: b"\xef\xbb\xbf" + table,
        lambda table: table.replace(b"\n", b"\r\n"),
        # SQL clients put quotes around names
        lambda table: (
            b",".join(b'"%s"' % name for name in HEADER.strip().split(b","))
            + b"\n"
            + table[len(HEADER) :]
        ),
    ],
    ids=["gzip", "byte order mark", "CRLF", "quoted names"],
)
def test_it_is_read_however_it_was_written(as_written: Callable[[bytes], bytes]) -> None:
    written = as_written(TABLE)
    assert without(table_rows(written), "content_hash") == without(table_rows(), "content_hash")


def test_a_stored_prompt_of_any_length_stands_in_its_cell() -> None:
    prompt = b'"[{""role"": ""user"", ""content"": ""%s""}]"' % (b"long " * 40_000)
    long = FIRST.replace(b",{},", b",%s," % prompt, 1)
    assert len(long) > 200_000
    assert without(table_rows(HEADER + long), "content_hash") == without(
        table_rows(HEADER + FIRST), "content_hash"
    )


BAD = {
    "a count is a word": (FIRST.replace(b",2898,", b",many,"), "total_tokens"),
    "no start": (FIRST.replace(b"2026-11-28 11:10:59.625", b"soon"), "startTime"),
    "no JSON": (FIRST.replace(b'"{""status"": null', b'"{""status"": nul'), "metadata"),
    "a field too many": (FIRST.rstrip() + b",x\n", None),
    "not UTF-8": (FIRST.replace(b"svc-atlas", b"svc-\xff"), None),
}


@pytest.mark.parametrize("line, field", BAD.values(), ids=BAD)
def test_a_line_that_is_no_row_costs_itself_alone(line: bytes, field: str | None) -> None:
    assert line != FIRST
    parsed = read(HEADER + line + SECOND, "spendlogs.csv")
    assert [(reject.record_no, reject.field) for reject in parsed.rejects] == [(0, field)]
    assert parsed.rejects[0].offset == len(HEADER)
    [row] = parsed.rows["requests"]
    assert row["record_no"] == 1


def test_a_table_that_was_cut_off_says_so() -> None:
    parsed = read((HEADER + FIRST + SECOND)[:-2000], "spendlogs.csv")
    assert len(parsed.rows["requests"]) == 1
    [reject] = parsed.rejects
    assert (reject.reason, reject.extent) == ("truncated object", "rest")


def test_a_header_without_rows_is_no_request() -> None:
    parsed = read(HEADER, "spendlogs.csv")
    assert (parsed.rows["requests"], parsed.rejects) == ([], [])
