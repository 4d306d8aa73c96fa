"""What cannot be read is quarantined with its place, and costs no other record."""

import gzip
import json
from typing import Any

import pytest
from litellm_logs import named, read, rows, spendlogs

from ingestion.reading.collecting import bytes_hash

BASIC = "05-37-27-097255"


def logged(**changes: Any) -> bytes:
    return json.dumps(named(BASIC) | changes).encode()


def with_usage(**changes: Any) -> bytes:
    record = named(BASIC)
    record["metadata"]["usage_object"] |= changes
    return json.dumps(record).encode()


WHOLE = logged()
BAD = {
    "not JSON": (b'{"id": "a",', None, "not JSON"),
    "NaN": (WHOLE.replace(b'"response_cost": 0.00199', b'"response_cost": NaN'), None, "not JSON"),
    "not an object": (b'["a"]'[1:-1], None, "Expected `object`, got `str`"),
    "no start": (logged(startTime=None), "startTime", "missing"),
    "start is a word": (logged(startTime="soon"), "startTime", "not a time"),
    "start is true": (logged(startTime=True), "startTime", "not a time"),
    "start in milliseconds": (
        logged(startTime=1795239447097),
        "startTime",
        "not a time",
    ),
    "start is zero": (
        logged(startTime=0),
        "startTime",
        "a time outside the years 2000 to 2199: check its unit",
    ),
    "count as text": (
        logged(prompt_tokens="1.5"),
        "prompt_tokens",
        "Expected `int | null`, got `str`",
    ),
    "count as word": (
        logged(prompt_tokens="abc"),
        "prompt_tokens",
        "Expected `int | null`, got `str`",
    ),
    "broken count": (
        logged(prompt_tokens=1.5),
        "prompt_tokens",
        "Expected `int | null`, got `float`",
    ),
    "negative count": (logged(completion_tokens=-1), "completion_tokens", "Expected `int` >= 0"),
    "beyond 64 bits": (
        logged(prompt_tokens=2**63),
        "prompt_tokens",
        "Expected `int` <= 1000000000000000",
    ),
    "cost is a word": (logged(response_cost="abc"), "response_cost", "not a number"),
    "cost is a list": (logged(response_cost=[1]), "response_cost", "not a number"),
    "negative cached": (
        with_usage(prompt_tokens_details={"cached_tokens": -1}),
        "metadata.usage_object.prompt_tokens_details.cached_tokens",
        "Expected `int` >= 0",
    ),
    "usage is a list": (
        with_usage() and logged(metadata={"usage_object": [1]}),
        *("metadata.usage_object", "Expected `object`, got `array`"),
    ),
    "cached exceeds prompt": (
        with_usage(prompt_tokens_details={"cached_tokens": 413}),
        "prompt_tokens",
        "less than its cache, audio and image tokens (412, they make 413)",
    ),
    "audio exceeds completion": (
        with_usage(completion_tokens_details={"audio_tokens": 97}),
        "completion_tokens",
        "less than its reasoning, audio and image tokens (96, they make 97)",
    ),
    "total of other tokens": (
        with_usage(total_tokens=509),
        "total_tokens",
        "not the sum of its token meters (509, they make 508)",
    ),
    "broken UTF-8 in an owner": (
        WHOLE.replace(b"svc-search", b"svc-\xff\xfe"),
        None,
        "not UTF-8",
    ),
    "broken UTF-8 in a body": (WHOLE.replace(b"terse", b"ters\xe9"), None, "not UTF-8"),
    "nested too deeply": (
        b'{"metadata":{"requester_metadata":' + b"[" * 5000 + b"]" * 5000 + b"}}",
        None,
        "nested too deeply",
    ),
    "metadata is a word": (
        logged(metadata="x"),
        "metadata",
        "Expected `object | null`, got `str`",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_line_is_one_reject_between_its_neighbours(name: str) -> None:
    bad, field, reason = BAD[name]
    other = logged(id="other")
    parsed = read(b"\n\n".join((WHOLE, bad, other)) + b"\n")
    assert parsed.records == 3
    assert [one["record_no"] for one in parsed.rows["requests"]] == [0, 2]
    (reject,) = parsed.rejects
    assert (reject.record_no, reject.field, reject.reason) == (1, field, reason)
    assert (reject.offset, reject.length) == (len(WHOLE) + 2, len(bad))
    assert reject.hash == bytes_hash(bad)


@pytest.mark.parametrize(
    "data", [b"", b" \n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n", gzip.compress(b"", mtime=0)]
)
def test_empty_object_is_one_reject(data: bytes) -> None:
    parsed = read(data)
    assert (parsed.records, parsed.rows["requests"]) == (1, [])
    assert [reject.reason for reject in parsed.rejects] == ["empty object"]


def test_a_text_cut_inside_a_character_is_read() -> None:
    half = logged(messages="cut \ud83d", user="\U0001f600", end_user="\\ud83d \ud83d")
    (found,) = read(half).rows["requests"]
    assert found["customer_id"] == "\\ud83d \ufffd"


def test_broken_columns_of_spendlogs_are_named() -> None:
    stored = [
        spendlogs()[0] | changed
        for changed in (
            {"metadata": "{"},
            {"metadata": '{"cost_breakdown": 1}'},
            {"request_tags": "{"},
            {"prompt_tokens": -1},
            {"startTime": "soon"},
        )
    ]
    parsed = read("\n".join(map(json.dumps, stored)).encode())
    assert [reject.field for reject in parsed.rejects] == [
        *("metadata", "metadata.cost_breakdown", "request_tags", "prompt_tokens", "startTime")
    ]


def test_records_without_ids_stay_apart_by_content() -> None:
    nameless = [named(BASIC) | {"id": "", "litellm_call_id": None, "end_user": n} for n in (5, 6)]
    first, second, again = rows([*nameless, nameless[0]])
    assert first["request_key"] == again["request_key"] != second["request_key"]
