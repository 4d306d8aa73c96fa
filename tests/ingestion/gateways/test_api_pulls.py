"""Traces pulled from APIs that answer as documented, or misbehave."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from trace_apis import (
    PROMPT,
    PUBLIC,
    SECRET,
    Datadog,
    Helicone,
    Langfuse,
    LangSmith,
    Make,
    Server,
    Source,
    observation,
    request,
    run,
    span,
)

from ingestion.gateways.pulling import walking
from ingestion.gateways.pulling.api import APIS
from ingestion.records import SourceError
from tests.ingestion.bills.cost_api import Answer, Api, error
from tests.ingestion.bills.test_misbehaving_servers import HEAD, Drip, closed, short

SERVERS: dict[str, tuple[type[Server], Make]] = {
    "datadog": (Datadog, span),
    "helicone": (Helicone, request),
    "langfuse": (Langfuse, observation),
    "langsmith": (LangSmith, run),
}


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.server.shutdown()
    api.server.server_close()


@pytest.fixture(params=SERVERS)
def log_format(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(log_format: str) -> Make:
    return SERVERS[log_format][1]


@pytest.fixture
def server(api: Api, log_format: str, make: Make) -> Server:
    served = SERVERS[log_format][0]
    return served(api, make(1, "27T09:00"), make(2, "27T09:05"), make(3, "28T11:00"))


@pytest.fixture
def source(tmp_path: Path, server: Server, log_format: str) -> Source:
    named = {"projects": ["project-1"]} if log_format == "langsmith" else {}
    return Source(tmp_path, log_format, server.url, **named)


def test_records_are_saved_by_ten_minutes_and_read_as_any_log(
    server: Server, source: Source
) -> None:
    source.pull()
    folder = APIS[source.gateway.format].folder
    assert {name: len(found) for name, found in source.saved().items()} == {
        f"{folder}/2026-11-27/09-00.jsonl.zst": 2,
        f"{folder}/2026-11-28/11-00.jsonl.zst": 1,
    }
    result = source.load()
    assert (result.landed, result.quarantined) == (3, 0)
    assert [row["input_quantity"] for row in source.rows()] == [100, 100, 100]
    assert PROMPT.encode() not in source.bytes_saved()
    modes = {file.stat().st_mode & 0o777 for file in Path(source.gateway.location).rglob("*.zst")}
    assert modes == {0o600}


def test_nothing_new_is_one_question_and_no_new_object(server: Server, source: Source) -> None:
    source.pull()
    source.load()
    before = [file.stat().st_mtime_ns for file in Path(source.gateway.location).rglob("*.zst")]
    server.asked.clear()
    source.pull("28T12:10")
    assert len(server.asked) == 1
    after = [file.stat().st_mtime_ns for file in Path(source.gateway.location).rglob("*.zst")]
    assert (after, source.load().batch) == (before, None)


def test_pages_without_news_are_not_walked_until_a_late_record_may_be_there(
    server: Server, source: Source, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.resize(1, monkeypatch)
    source.pull()
    assert source.ids() == [1, 2, 3]
    server.asked.clear()
    server.records.append(make(4, "27T23:00"))
    source.pull("28T12:10")
    assert (len(server.asked), source.ids()) == (1, [1, 2, 3])
    # a quarter of the overlap later
    source.pull("28T18:10")
    assert source.ids() == [1, 2, 3, 4]
    # when none can come any more, a silent source costs a question
    source.pull("29T11:30")
    server.asked.clear()
    for hour in range(12, 24):
        source.pull(f"29T{hour}:00")
    assert len(server.asked) == 12


def test_a_late_record_is_found_and_one_that_ended_later_supersedes(
    server: Server, source: Source, make: Make
) -> None:
    source.pull()
    source.load()
    server.records += [make(4, "27T23:00"), make(5, "28T12:30")]
    server.records[2] = make(3, "28T11:00", tokens=777)
    source.pull("28T13:00")
    assert source.load().objects_new == 3
    assert source.ids() == [1, 2, 3, 4, 5]
    assert sorted(row["input_quantity"] for row in source.rows()) == [100, 100, 100, 100, 777]


def test_what_is_older_than_the_overlap_is_not_asked_for_and_stays(
    server: Server, source: Source, make: Make
) -> None:
    source.pull()
    server.records = [make(6, "27T10:00"), make(7, "28T11:05")]
    source.pull("28T12:10", hours=24)
    assert source.ids() == [1, 2, 3, 7]
    source.pull("28T12:20", hours=30)
    assert source.ids() == [1, 2, 3, 6, 7]


def test_a_first_pull_begins_with_since_else_with_the_month_before(
    server: Server, source: Source, make: Make
) -> None:
    server.records += [make(8, "01T00:00"), make(9, "27T08:59")]
    source.pull(since=date(2026, 11, 28))
    assert source.ids() == [3]
    source.pull(since=date(2027, 1, 1))
    assert source.ids() == [3]
    [*_, (_, query, _)] = server.asked
    assert not any("2027" in str(value) for _, value in query)


def test_many_pages_are_walked_day_by_day_and_large_days_in_halves(
    server: Server, source: Source, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "AT_ONCE", 2)
    server.resize(2, monkeypatch)
    server.records = [
        make(n, f"{20 + n // 8:02}T{n % 8 * 3:02}:{n % 6 * 10:02}") for n in range(40)
    ]
    source.pull()
    assert source.ids() == list(range(40))
    assert source.load().landed == 40


def test_what_is_busy_broken_or_cut_is_asked_for_again(server: Server, source: Source) -> None:
    server.answers = [
        *(short, (200, b'{"data": [{"id": "1')),
        *((429, error("slow down"), {"Retry-After": "7"}), (500, b"oops"), (408, b""), None),
    ]
    source.pull()
    assert source.waits[2] == 7 and len(source.waits) == 5
    assert source.ids() == [1, 2, 3]


def test_a_pull_that_breaks_off_keeps_whole_days_and_goes_on(
    server: Server, source: Source, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.resize(1, monkeypatch)
    server.records.append(make(4, "28T10:00"))
    answered = server.answered

    def broken(path: str, query: dict[str, Any]) -> Answer:
        start = server.start_of(query)
        is_second = server.is_second(query) and start == "2026-11-28T00:00:00.000Z"
        return (503, b"") if is_second else answered(path, query)

    monkeypatch.setattr(server, "answered", broken)
    with pytest.raises(SourceError, match=r"gateway traces: .*answered HTTP 503, 6 times"):
        source.pull()
    assert source.ids() == [1, 2]
    monkeypatch.undo()
    source.pull("28T12:10")
    assert source.ids() == [1, 2, 3, 4]


def drip(out: Any) -> None:
    Drip(b" ", HEAD + b"Content-Length: 1000\r\n\r\n")(out)


REDIRECT: Answer = (302, b"", {"Location": "http://127.0.0.1:9/elsewhere"})


@pytest.mark.parametrize(
    ("answer", "limits", "told"),
    [
        (drip, {"max_page_seconds": 1}, "raise `max_page_seconds` in the gateway's `api:` entry"),
        ((200, b" " * 2_000_001), {"max_page_mb": 1}, "answers with more than 1 MB"),
        ((200, b"<html>login</html>"), {}, "answered not JSON: check base_url"),
        ((200, b"{}"), {}, "answered not a page with a list"),
        ((200, b'{"data": {}, "runs": 7}'), {}, "answered not a page with a list"),
        ((200, b'{"data": [], "runs": [], "error": {"code": 1}}'), {}, "an error in place of its"),
        ((401, error(f"expired: {SECRET}")), {}, r"HTTP 401 \(expired: \*\*\*\): the key"),
        ((403, b'{"message": "no right"}'), {}, r"HTTP 403 \(no right\): the key"),
        ((400, b'{"detail": "bad filter"}'), {}, r"HTTP 400 \(bad filter\): the request was"),
        (REDIRECT, {}, "answered HTTP 302: check base_url"),
        (closed, {}, "answered JSON that is cut off"),
    ],
)
def test_what_stays_wrong_is_one_sentence_and_saves_nothing(
    server: Server, source: Source, answer: Answer, limits: dict[str, int], told: str
) -> None:
    source.api.options.update(limits)  # type: ignore[attr-defined]
    server.answers = [answer] * 40
    with pytest.raises(SourceError, match=told) as raised:
        source.pull()
    said = str(raised.value)
    assert said.startswith("gateway traces: ") and SECRET not in said and PUBLIC not in said
    assert source.saved() == {}


def test_pages_without_end_are_bounded(
    server: Server, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.resize(1, monkeypatch)
    source.api.options.update(max_pages=5)  # type: ignore[attr-defined]
    with pytest.raises(SourceError, match=r"has more than 5 pages: .*raise `max_pages`"):
        source.pull()


def test_a_record_that_says_no_time_is_quarantined_alone(
    server: Server, source: Source, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = make(4, "28T11:00")
    odd = [server.undated(record), {"id": None}, record]
    monkeypatch.setattr(server, "between", lambda *asked: [*odd, make(5, "28T11:01")])
    source.pull()
    source.pull("28T12:10")
    result = source.load()
    assert (result.landed, result.quarantined) == (2, 2)


def test_a_page_that_repeats_a_key_is_saved_without_it(
    server: Server, source: Source, make: Make
) -> None:
    server.records = [make(1, "28T11:00", name=f"called with {SECRET}")]
    source.pull()
    assert (
        SECRET.encode() not in source.bytes_saved() and b"called with ***" in source.bytes_saved()
    )


def test_answers_of_other_times_are_no_answer(
    server: Server, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "between", lambda *asked: server.records)
    source.pull()
    with pytest.raises(SourceError, match="records of other times than asked for"):
        source.pull("30T20:00", since=date(2026, 11, 30))


def test_a_damaged_note_costs_questions_alone(server: Server, source: Source) -> None:
    source.pull()
    assert json.loads(source.note.read_text())
    source.note.write_text("{")
    source.pull("28T12:10")
    assert source.ids() == [1, 2, 3]
