"""A page that cannot be read fails its bill as a missing one does; a bad result does not."""

import gzip
import re

import pytest
import zstandard

from ingestion.bills.openai import read_bill
from ingestion.records import SourceError
from tests.ingestion.bills.bill_pages import bill, cost, openai_bucket, page, pull_json, rows

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
        read_bill({"1.json": FIRST, "sub/2.json": data}, OPENAI)


def test_compressed_pages_are_read_as_plain_ones() -> None:
    plain = read_bill({"1": FIRST, "2": WHOLE}, OPENAI)
    packed = {"1": gzip.compress(FIRST), "2": zstandard.compress(WHOLE)}
    for table in ("charges", "bill_buckets"):
        assert rows(read_bill(packed, OPENAI), table) == rows(plain, table)


@pytest.mark.parametrize("value", ["1e9999", "1e99999999999999999999", '"NaN"', "null"])
def test_a_bad_result_is_quarantined_beside_its_neighbours(value: str) -> None:
    found = read_bill({"p": page(openai_bucket(1, cost("1"), cost(value)))}, OPENAI)["p"]
    assert [reject.record_no for reject in found.rejects] == [1]
    assert [row["record_no"] for row in found.rows["charges"]] == [0]


def test_pages_of_an_interrupted_pull_are_not_looked_at() -> None:
    started = pull_json("2026-11-01T00:00:00Z", complete=False)
    for rest in ({}, {"pull-20261101/pull.json": started}):
        read = read_bill({"1": FIRST, "pull-20261101/costs.json": b"{", **rest}, OPENAI)
        assert read["pull-20261101/costs.json"].records == 0
