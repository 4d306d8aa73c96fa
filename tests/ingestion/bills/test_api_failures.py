"""Live pulls that fail: retried where it helps, one clear sentence where it does not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion.bills.openai import reader as openai
from ingestion.bills.pulling.api import pull
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from tests.ingestion.bills.bill_pages import bill, openai_bucket, page
from tests.ingestion.bills.cost_api import (
    KEY,
    SINCE,
    UNTIL,
    Answer,
    Api,
    Pulled,
    Query,
    error,
    openai_pages,
)


def test_busy_answers_are_retried_as_long_as_they_ask_for(api: Api, pulled: Pulled) -> None:
    answers: list[Answer] = [
        (429, error("slow down"), {"Retry-After": "7"}),
        (500, b"oops"),
        (529, b"overloaded"),
        (429, b"", {"Retry-After": "Thu, 05 Nov 2020 03:15:00 GMT"}),
        (503, b"", {"Retry-After": "86400"}),
    ]
    api.respond = lambda path, query: answers.pop(0) if answers else openai_pages(path, query)
    assert any(name.endswith("pull.json") for name in pulled.run(bill("openai", api.url)))
    assert pulled.waits[0] == 7
    assert 2 <= pulled.waits[1] <= 2.5
    assert 4 <= pulled.waits[2] <= 4.5
    assert pulled.waits[3:] == [0, 120]


def test_lasting_failures_end_after_a_bounded_number_of_attempts(api: Api, pulled: Pulled) -> None:
    api.respond = lambda path, query: (500, b"oops")
    with pytest.raises(SourceError, match="answered HTTP 500, 6 times: run again later"):
        pulled.run(bill("openai", api.url))
    assert len(api.asked) == 6


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "must be an admin key"),
        (403, "must be an admin key"),
        (400, "refused with every grouping"),
        (404, "check base_url"),
        (302, "check base_url"),
    ],
)
def test_other_answers_are_one_sentence_without_the_key(
    api: Api, pulled: Pulled, status: int, message: str
) -> None:
    headers = {"Location": f"{api.url}/elsewhere"}
    api.respond = lambda path, query: (status, error(f"bad key {KEY}"), headers)
    with pytest.raises(SourceError) as raised:
        pulled.run(bill("openai", api.url))
    text = str(raised.value)
    assert text.startswith("bill openai_bill: http://127.0.0.1")
    assert message in text and "bad key ***" in text and KEY not in text
    assert pulled.objects() == {}


@pytest.mark.parametrize("key", ["sk-with\nnewline", "sk-ключ"])
def test_a_key_that_no_header_can_carry_is_not_repeated(api: Api, tmp_path: Path, key: str) -> None:
    with pytest.raises(SourceError, match="ADMIN_KEY has characters") as raised:
        pull(bill("openai", api.url), key, open_storage(str(tmp_path)), SINCE, UNTIL)
    assert key not in str(raised.value)


def test_an_unreachable_api_is_one_sentence(api: Api, pulled: Pulled) -> None:
    api.server.server_close()
    with pytest.raises(SourceError, match="cannot be reached or broke off"):
        pulled.run(bill("openai", api.url))
    assert len(pulled.waits) == 2


def test_a_pull_that_breaks_off_leaves_nothing_that_counts(api: Api, pulled: Pulled) -> None:
    def respond(path: str, query: Query) -> Answer:
        return (500, b"") if "completions" in path else openai_pages(path, query)

    api.respond = respond
    source = bill("openai", api.url)
    with pytest.raises(SourceError, match="HTTP 500"):
        pulled.run(source)
    objects = pulled.objects()
    assert not any(name.endswith("pull.json") for name in objects)
    parsed = dict(openai.read_bill(objects, source))
    assert all(said.records == 0 and not said.rows for said in parsed.values())


def cut(path: str, query: Query) -> Answer:
    return 200, page(*(openai_bucket(day) for day in (1, 2, 3)))


def endless(path: str, query: Query) -> Answer:
    return 200, page(openai_bucket(1), more=True)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (cut, "returned 3 buckets for the 4 days from 2026-10-01 to before 2026-10-05"),
        (endless, "the same page again and again"),
        (lambda p, q: (200, page(more=True).replace(b'"page_next"', b"null")), "names no next"),
        (lambda p, q: (200, page(openai_bucket(1))[:-5]), "answered not JSON"),
        (lambda p, q: (200, b"<html>login</html>"), "answered not JSON"),
        (lambda p, q: (200, b'{"has_more": false}'), "not a page of the API"),
    ],
)
def test_paging_that_is_cut_is_an_error(
    api: Api, pulled: Pulled, answer: Callable[[str, Query], Answer], message: str
) -> None:
    api.respond = answer
    with pytest.raises(SourceError, match=message):
        pulled.run(bill("openai", api.url))
    assert pulled.objects() == {}


def test_a_pull_needs_a_key_and_days(tmp_path: Path) -> None:
    folder = open_storage(str(tmp_path))
    source = bill("openai", "http://127.0.0.1:1")
    with pytest.raises(SourceError, match="ADMIN_KEY is empty"):
        pull(source, " ", folder, SINCE, UNTIL)
    with pytest.raises(SourceError, match="no day from 2026-10-05"):
        pull(source, KEY, folder, UNTIL, UNTIL)
