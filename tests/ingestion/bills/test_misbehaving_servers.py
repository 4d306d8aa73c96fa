"""Bill servers that never end, answer too much, or echo the key: bounded, told by name."""

import base64
import gzip
import json
import time
import urllib.parse
from collections.abc import Callable
from typing import BinaryIO

import pytest

from ingestion.pulling.server_words import shown
from ingestion.records import SourceError
from tests.ingestion.bills.analytics_pages import analytics_page, cost_row
from tests.ingestion.bills.bill_pages import bill, cost, openai_bucket, page
from tests.ingestion.bills.cost_api import KEY, Answer, Api, Pulled, Query, error, openai_pages

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def endless_tokens(path: str, query: Query) -> Answer:
    number = int(dict(query).get("page", "0")) + 1
    return 200, page(openai_bucket(1), more=True).replace(b'"page_next"', b'"%d"' % number)


def endless_rows(path: str, query: Query) -> Answer:
    number = int(dict(query).get("page", "0")) + 1
    return 200, analytics_page(cost_row("2026-10-01T10", str(number)), more=str(number))


@pytest.mark.parametrize(
    ("form", "answer"), [("openai", endless_tokens), ("anthropic", endless_rows)]
)
def test_new_page_tokens_without_end_are_bounded(
    api: Api, pulled: Pulled, form: str, answer: Callable[[str, Query], Answer]
) -> None:
    api.respond = answer
    with pytest.raises(
        SourceError, match=r"has more than 7 pages: .*raise `max_pages` in the bill"
    ):
        pulled.run(bill(form, api.url, max_pages=7))
    assert len(api.asked) == 7
    assert pulled.objects() == {}


class Drip:
    """An answer byte by byte for 20 s, if its reader stays that long."""

    def __init__(self, part: bytes, head: bytes = HEAD) -> None:
        self._part, self._head = part, head
        self.is_dry = False

    def __call__(self, out: BinaryIO) -> None:
        out.write(self._head)
        for _ in range(1000):
            out.write(self._part)
            out.flush()
            time.sleep(0.02)
        self.is_dry = True


@pytest.mark.parametrize(
    ("answer", "limit"),
    [
        (Drip(b" ", HEAD + b"Content-Length: 1000\r\n\r\n"), "max_page_seconds"),
        (Drip(b"1\r\n \r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n"), "max_seconds"),
        (Drip(b"X-More: y\r\n"), "max_page_seconds"),
        (Drip(b"x", b""), "max_page_seconds"),
    ],
    ids=["body", "chunks", "headers", "status"],
)
def test_one_byte_at_a_time_is_bounded(api: Api, pulled: Pulled, answer: Drip, limit: str) -> None:
    api.respond = lambda path, query: answer
    with pytest.raises(SourceError, match=f"raise `{limit}` in the bill's `api:` entry"):
        pulled.run(bill("openai", api.url, **{limit: 1}))
    assert not answer.is_dry


def zeros(out: BinaryIO) -> None:
    out.write(HEAD + b"Connection: close\r\n\r\n")
    for _ in range(400):
        out.write(b"0" * 1_000_000)


def bomb(path: str, query: Query) -> Answer:
    return 200, gzip.compress(b" " * 30_000_000), {"Content-Encoding": "gzip"}


@pytest.mark.parametrize("answer", [lambda path, query: zeros, bomb], ids=["400 MB", "gzip"])
def test_an_answer_of_any_size_is_bounded(
    api: Api, pulled: Pulled, answer: Callable[[str, Query], Answer]
) -> None:
    api.respond = answer
    with pytest.raises(SourceError, match=r"answers with more than 2 MB.*`max_page_mb`"):
        pulled.run(bill("openai", api.url, max_page_mb=2))


def test_pages_of_one_pull_are_bounded_together(api: Api, pulled: Pulled) -> None:
    padding = b" " * 600_000
    api.respond = lambda path, query: (200, endless_tokens(path, query)[1] + padding)
    with pytest.raises(SourceError, match=r"the pull has more than 2 MB.*`max_pull_mb`"):
        pulled.run(bill("openai", api.url, max_pull_mb=2))


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("nan", None),
        ("-5", 0),
        ("-inf", 0),
        ("inf", 120),
        ("1e999", 120),
        ("9" * 5000, 120),
        ("Thu, 05 Nov 99999 03:15:00 GMT", None),
        ("Mon, 99 Foo 0000 99:99:99 +9999", None),
        ("", None),
        ("\x00\x7f\xff", None),
    ],
)
def test_a_header_of_any_value_is_a_wait(
    api: Api, pulled: Pulled, header: str, wait: float | None
) -> None:
    busy: list[Answer] = [(429, b"", {"Retry-After": header})]
    api.respond = lambda path, query: busy.pop() if busy else openai_pages(path, query)
    pulled.run(bill("openai", api.url))
    assert len(pulled.waits) == 1
    assert pulled.waits[0] == wait if wait is not None else 0 < pulled.waits[0] < 2


def short(out: BinaryIO) -> None:
    out.write(HEAD + b'Content-Length: 999\r\n\r\n{"object":')


def closed(out: BinaryIO) -> None:
    out.write(HEAD + b'Connection: close\r\n\r\n{"object":"page","data":[')


def broken_gzip(out: BinaryIO) -> None:
    out.write(HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n\x1f\x8bnothing")


@pytest.mark.parametrize("cut", [short, closed, broken_gzip, lambda out: None])
def test_a_cut_answer_is_asked_for_again(
    api: Api, pulled: Pulled, cut: Callable[[BinaryIO], None]
) -> None:
    first: list[Answer] = [cut]
    api.respond = lambda path, query: first.pop() if first else openai_pages(path, query)
    assert any(name.endswith("pull.json") for name in pulled.run(bill("openai", api.url)))
    api.respond = lambda path, query: cut
    with pytest.raises(SourceError, match="bill openai_bill: "):
        pulled.run(bill("openai", api.url))


ENCODED = {
    "plain": KEY,
    "split": f"{KEY[:7]} {KEY[7:13]} {KEY[13:]}",
    "pieces": ", ".join(KEY[n : n + 3] for n in range(0, len(KEY), 3)),
    "half": KEY[: len(KEY) // 2],
    "url": urllib.parse.quote(KEY.replace("-", "\u002d"), safe=""),
    "url twice": "".join(f"%25{ord(c):02x}" for c in KEY),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 of more": base64.b64encode(f"Bearer {KEY}".encode()).decode(),
    "base64 for urls": base64.urlsafe_b64encode(b"x" + KEY.encode()).decode().rstrip("="),
    "hex": KEY.encode().hex(),
    "json": "".join(f"\\u{ord(c):04x}" for c in KEY),
    "json twice": "".join(f"\\\\u{ord(c):04x}" for c in KEY),
    "html": "".join(f"&#{ord(c)};" for c in KEY),
    "upper": KEY.upper(),
    "backwards": KEY[::-1],
}


@pytest.mark.parametrize("form", ENCODED)
def test_a_key_is_not_shown_in_whatever_form_a_server_echoes_it(
    api: Api, pulled: Pulled, form: str
) -> None:
    echoed = ENCODED[form]
    api.respond = lambda path, query: (401, error(f"bad credential [{echoed}] given"))
    with pytest.raises(SourceError) as raised:
        pulled.run(bill("openai", api.url))
    told = str(raised.value)
    assert "***" in told and "credential" in told
    secret = [KEY[n : n + 8] for n in range(len(KEY) - 7)]
    letters = "".join(c for c in told if c.isalnum()).lower()
    assert echoed not in told
    assert not any(part in told or part.replace("-", "") in letters for part in secret)


def test_words_of_a_server_are_one_short_line() -> None:
    said = shown("a\x1b[31mb\r\nc\u202ed " + "x" * 999, "sk-0123456789")
    assert said.startswith("a\\u001b[31mb c\\u202ed x")
    assert len(said) == 200
    assert shown("\ud800", "sk-0123456789") == "\\ud800"


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"message": {"a": 1}}}',
        b'{"error": {"message": ["x"]}}',
        b'{"error": [1]}',
        b'{"error":' * 5000,
        b"[" * 100_000,
        b'{"error": {"message": 1e999999999}}',
        b"\xff\xfe",
        b"",
    ],
)
def test_an_error_of_any_shape_is_one_sentence(api: Api, pulled: Pulled, body: bytes) -> None:
    api.respond = lambda path, query: (404, body)
    with pytest.raises(SourceError, match=r"answered HTTP 404: check base_url$"):
        pulled.run(bill("openai", api.url))


def test_a_page_that_repeats_the_key_is_kept_without_it(api: Api, pulled: Pulled) -> None:
    def respond(path: str, query: Query) -> Answer:
        if path.endswith("completions"):
            return openai_pages(path, query)
        days = [openai_bucket(day, cost("1", line=f"{KEY}, input")) for day in range(1, 5)]
        return 200, page(*days)

    api.respond = respond
    objects = pulled.run(bill("openai", api.url))
    assert not any(KEY.encode() in data for data in objects.values())
    assert any(b"***, input" in data for data in objects.values())


def test_limits_are_told_in_json_too(api: Api, pulled: Pulled) -> None:
    api.respond = lambda path, query: (200, json.dumps({"data": "x" * 10}).encode())
    with pytest.raises(SourceError, match="answered not a page of the API"):
        pulled.run(bill("openai", api.url))
