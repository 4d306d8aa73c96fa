"""Pages of /spend/logs/v2, saved as they were answered, and objects that are nothing known."""

import json
from typing import Any

import pytest
from litellm_logs import named, read, rows, spendlogs, without

from ingestion.gateways.litellm.reader import EXPECTED

STORED = spendlogs()[:5]
PAGE = {"data": STORED, "total": 5, "page": 1, "page_size": 50, "total_pages": 1}


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(PAGE),
        json.dumps(PAGE, indent=2),
        json.dumps({"object": "list", "total": 5, "more": None, "data": STORED}),
        json.dumps({"spend_logs": STORED}),
        "\n".join(json.dumps({"data": part}) for part in (STORED[:2], STORED[2:])),
    ],
    ids=["compact", "pretty", "data last", "other name", "a page a line"],
)
def test_each_row_of_a_page_is_a_record(data: str) -> None:
    parsed = read(data.encode())
    assert (parsed.records, parsed.rejects) == (5, [])
    literal = ("content_hash", "raw_usage")
    assert without(parsed.rows["requests"], *literal) == without(rows(STORED), *literal)


def test_a_bad_row_of_a_page_is_rejected_at_its_place() -> None:
    bad = STORED[1] | {"prompt_tokens": -1}
    data = json.dumps({"total": 3, "data": [STORED[0], bad, STORED[2]]}).encode()
    parsed = read(b"\n" + data)
    (reject,) = parsed.rejects
    assert (parsed.records, reject.record_no, reject.field) == (3, 1, "prompt_tokens")
    assert reject.offset == 1 + data.index(json.dumps(bad).encode())


def test_an_empty_page_has_no_record() -> None:
    assert read(json.dumps(PAGE | {"data": [], "total": 0}).encode()).records == 0


EMPTY_LISTS = [
    {"id": "a", "model": "gpt-4o", "items": []},
    {"logs": [], "error": "unauthorized"},
    {"ts": 1790000000, "results": [], "usage": {"input": 5}},
]


@pytest.mark.parametrize("line", EMPTY_LISTS)
def test_a_record_with_an_empty_list_is_no_empty_page(line: dict[str, Any]) -> None:
    """Else a log of such lines would be no record at all."""
    parsed = read("\n".join([json.dumps(line)] * 3).encode())
    assert [reject.reason for reject in parsed.rejects] == [EXPECTED] * 3


@pytest.mark.parametrize("unknown", [{"total": 5}, {"error": {"code": 401}}, {"data": {"a": 1}}])
def test_an_unknown_object_is_told_what_was_expected(unknown: dict[str, Any]) -> None:
    (reject,) = read(json.dumps(unknown).encode()).rejects
    assert reject.reason == EXPECTED


def test_a_log_object_with_lists_is_itself() -> None:
    logged = named("05-37-27-097255")
    assert read(json.dumps(logged | {"data": [{"a": 1}]}).encode()).records == 1
    assert rows([logged | {"data": [{"a": 1}]}])[0]["input_quantity"] == 412
