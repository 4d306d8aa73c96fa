"""A page that cannot be read fails its bill as a missing one does; a bad result does not."""

import gzip
import json
import re

import pytest
import zstandard

from ingestion.bills.anthropic import reader as anthropic
from ingestion.bills.openai.reader import read_bill
from ingestion.records import SourceError
from tests.ingestion.bills.bill_pages import (
    anthropic_bucket,
    bill,
    cost,
    openai_bucket,
    page,
    pull_json,
    rows,
)

OPENAI = bill("openai")
FIRST = page(openai_bucket(1, cost("1")))
WHOLE = page(openai_bucket(2, cost("2"), cost("3", project="proj_b")))
UNREADABLE = {
    "cut JSON": (WHOLE[:-40], "not JSON: cut off at line 1"),
    "empty": (b" \n", "not JSON: empty"),
    "NaN": (WHOLE.replace(b'"value":2', b'"value":\nNaN'), "not JSON at line 2"),
    "two pages": (WHOLE + WHOLE, "not JSON at line 1"),
    "UTF-8": (WHOLE.replace(b"proj_b", b"proj\xff"), "not UTF-8 at line 1"),
    "cut gzip": (gzip.compress(WHOLE)[:-9], "gzip is cut off"),
    "cut zstd": (zstandard.compress(WHOLE)[:-9], "zstd is cut off"),
    "damaged gzip": (gzip.compress(WHOLE) + b"rest", "gzip is damaged"),
    "nested": (b'{"data":[{"x":' + b"[" * 5000 + b"]" * 5000 + b"}]}", "nested too deeply"),
    "no page": (b'{"costs": []}', "not a page of the API"),
    "no bucket": (b'{"data":[{"start_time":5}]}', "a bucket without start, end or results"),
    "no result": (page(openai_bucket(2, "7")), "holds no result objects"),
    "unknown report": (page(openai_bucket(2, '{"object":"organization.seats"}')), "a report that"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_page_is_an_error_of_the_bill(name: str) -> None:
    data, wrong = UNREADABLE[name]
    told = re.escape("bill openai_bill: sub/2.json: ") + f".*{re.escape(wrong)}.*: save the page "
    with pytest.raises(SourceError, match=told + "again, or move the file away if it is not part"):
        dict(read_bill({"1.json": FIRST, "sub/2.json": data}, OPENAI))


@pytest.mark.parametrize("error", ['{"message":"no"}', '"no"', "[]"])
def test_an_error_beside_an_empty_list_is_no_month_without_costs(error: str) -> None:
    answer = f'{{"data":[],"has_more":false,"error":{error}}}'.encode()
    with pytest.raises(SourceError, match=r"2\.json: an error .*of the API"):
        read_bill({"1.json": FIRST, "2.json": answer}, OPENAI)
    # OpenAI's own answers may name it
    assert read_bill({"1.json": FIRST, "2.json": b'{"data":[],"error":null}'}, OPENAI)


def test_compressed_pages_are_read_as_plain_ones() -> None:
    plain = dict(read_bill({"1": FIRST, "2": WHOLE}, OPENAI))
    packed = {"1": gzip.compress(FIRST), "2": zstandard.compress(WHOLE)}
    for table in ("charges", "bill_buckets"):
        assert rows(dict(read_bill(packed, OPENAI)), table) == rows(plain, table)


@pytest.mark.parametrize("value", ["1e9999", "1e99999999999999999999", '"NaN"', "null"])
def test_a_bad_result_is_quarantined_beside_its_neighbours(value: str) -> None:
    found = dict(read_bill({"p": page(openai_bucket(1, cost("1"), cost(value)))}, OPENAI))["p"]
    assert [reject.record_no for reject in found.rejects] == [1]
    assert [row["record_no"] for row in found.rows["charges"]] == [0]


def test_pages_of_an_interrupted_pull_are_not_looked_at() -> None:
    started = pull_json("2026-11-01T00:00:00Z", complete=False)
    for rest in ({}, {"pull-20261101/pull.json": started}):
        read = dict(read_bill({"1": FIRST, "pull-20261101/costs.json": b"{", **rest}, OPENAI))
        assert read["pull-20261101/costs.json"].records == 0


# any JSON value in any field of a result
VALUES = {
    "object": '{"a": {}}',
    "list": "[[1]]",
    "true": "true",
    "exponent": "1e9999999",
    "tiny": "-1e-9999999",
    "digits": "9" * 6000,
    "text": '"' + "9" * 5000 + '"',
    "nested": "[" * 400 + "]" * 400,
}
OPENAI_ROW = cost("1")
ANTHROPIC_ROW = (
    '{"amount":"5","currency":"USD","description":"d","cost_type":"tokens","model":"m",'
    '"token_type":"output_tokens","service_tier":"standard","context_window":"0-200k",'
    '"inference_geo":"us","workspace_id":"w","speed":"fast","unread":1}'
)
USAGE_ROW = (
    '{"uncached_input_tokens":5,"output_tokens":1,"cache_creation":{},"server_tool_use":{},'
    '"api_key_id":"k","model":"m","account_id":"a"}'
)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("row", [OPENAI_ROW, ANTHROPIC_ROW, USAGE_ROW])
def test_one_result_never_stops_its_neighbours(row: str, value: str) -> None:
    """Whatever stands in whatever field: the result lands or is quarantined, the other lands."""
    is_openai = row is OPENAI_ROW
    bucket = openai_bucket if is_openai else anthropic_bucket
    reader = read_bill if is_openai else anthropic.read_bill
    for field in json.loads(row):
        odd = json.dumps({**json.loads(row), field: "@"}).replace('"@"', VALUES[value])
        source = OPENAI if is_openai else bill("anthropic")
        found = dict(reader({"p": page(bucket(1, row, odd))}, source))["p"]
        landed = {
            landed["record_no"]
            for table in ("charges", "provider_usage")
            for landed in found.rows.get(table, ())
        }
        assert 0 in landed
        assert landed | {reject.record_no for reject in found.rejects} == {0, 1}


@pytest.mark.parametrize(
    "start", ["1e999999", "9" * 6000, "99999999999999999", "-1", "{}", '"2026-10-01"', "[]", "null"]
)
def test_a_period_that_cannot_be_is_told_with_its_page(start: str) -> None:
    data = f'{{"data":[{{"start_time":{start},"end_time":5,"results":[]}}]}}'.encode()
    if start == "-1":
        assert dict(read_bill({"p": data}, OPENAI))["p"].records == 0
        return
    with pytest.raises(SourceError, match="bill openai_bill: p: a bucket without start"):
        dict(read_bill({"p": data}, OPENAI))


def test_a_page_of_nothing_that_can_be_read_is_told() -> None:
    data = page(openai_bucket(1, '{"amount":' + "9" * 6000 + "}"))
    with pytest.raises(SourceError, match="p: none of its results can be read"):
        dict(read_bill({"p": data}, OPENAI))
