"""Compression and containers: what they hold reads the same, and damage costs its own part only."""

import gzip
import json

import pytest
import zstandard
from litellm_logs import named, objects, read, rows, rows_of, without

LINES = [json.dumps(one).encode() for one in list(objects().values())[:30]]
NDJSON = b"\n".join(LINES)
ZSTD = zstandard.ZstdCompressor().compress


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(NDJSON),
        ZSTD(NDJSON),
        gzip.compress(NDJSON[:5000]) + gzip.compress(NDJSON[5000:]),
        ZSTD(NDJSON[:5000]) + ZSTD(NDJSON[5000:]),
        NDJSON.replace(b"\n", b"\r\n") + b"\r\n",
        b"\xef\xbb\xbf" + NDJSON,
        b"[" + b", ".join(LINES) + b"]",
    ],
    ids=["gzip", "zstd", "two members", "two frames", "CRLF", "BOM", "array"],
)
def test_every_wrapping_reads_the_same(data: bytes) -> None:
    parsed = read(data)
    assert parsed.rejects == []
    assert parsed.rows["requests"] == read(NDJSON).rows["requests"]
    assert parsed.records == 30


def test_a_document_over_several_lines_is_one_record() -> None:
    pretty = json.dumps(named("05-37-27-097255"), indent=2).encode()
    literal = ("content_hash", "raw_usage")
    assert without(read(pretty).rows["requests"], *literal) == without(
        rows([named("05-37-27-097255")]), *literal
    )


@pytest.mark.parametrize(
    ("cut", "kind"),
    [(gzip.compress(NDJSON)[:-3000], "gzip"), (ZSTD((NDJSON + b"\n") * 20)[:-20], "zstd")],
)
def test_truncated_object_loads_the_lines_before_the_cut(cut: bytes, kind: str) -> None:
    parsed = read(cut)
    loaded = rows_of(parsed)
    assert len(loaded) > 5
    assert without(loaded[:30], "record_no") == without(
        read(NDJSON).rows["requests"][: len(loaded)], "record_no"
    )
    (reject,) = parsed.rejects
    assert reject.reason == f"truncated {kind} object"
    assert reject.record_no == len(loaded) == parsed.records - 1


def test_damage_inside_loads_what_stands_before_it() -> None:
    whole = bytearray(gzip.compress(NDJSON * 20, compresslevel=1))
    middle = len(whole) // 2
    whole[middle : middle + 200] = b"\x00" * 200
    parsed = read(bytes(whole))
    assert parsed.rows["requests"]
    assert parsed.rejects[-1].reason == "damaged gzip object"


def test_an_object_cut_in_its_only_line_is_one_reject() -> None:
    parsed = read(gzip.compress(LINES[0])[:-9])
    assert (parsed.records, parsed.rows["requests"]) == (1, [])
    assert parsed.rejects[0].offset == 0
