"""OpenRouter's activity pulled live, from a server that answers as documented, or misbehaves."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from ingestion.records import SourceError
from tests.ingestion.bills.activity_api import GPT, OPUS, Account, Activity, row
from tests.ingestion.bills.cost_api import KEY, Answer, Api, error
from tests.ingestion.bills.test_misbehaving_servers import HEAD, Drip, closed, short

PULL = "pull-20261105T030000000000Z"


@pytest.fixture
def activity(api: Api) -> Activity:
    return Activity(
        api,
        row("2026-11-01", 0.5),
        row("2026-11-01", 0.25, OPUS, "ws_2"),
        row("2026-11-03", 1.5, OPUS, None),
    )


@pytest.fixture
def account(api: Api, tmp_path: Path) -> Account:
    return Account(tmp_path, api.url)


def test_each_whole_day_is_asked_for_by_workspace_and_kept_as_it_was_answered(
    activity: Activity, account: Account
) -> None:
    assert account.pull("2026-11-01", "2026-11-05") == []
    days = [f"2026-11-0{day}" for day in range(1, 5)]
    for (path, query, headers), day in zip(activity.asked, days, strict=True):
        assert (path, query) == ("/api/v1/activity", [("date", day), ("group_by", "workspace")])
        assert headers["Authorization"] == f"Bearer {KEY}"
    pages = [f"{PULL}/activity-{day}-0001.json" for day in days]
    assert account.objects() == [*pages, f"{PULL}/pull.json"]
    kept = json.loads((account.location / pages[2]).read_text())
    assert kept == {"data": [row("2026-11-03", 1.5, OPUS, None)]}
    marker = json.loads((account.location / PULL / "pull.json").read_text())
    assert (marker["provider"], marker["complete"]) == ("openrouter", True)
    assert (marker["since"], marker["until"]) == ("2026-11-01", "2026-11-05")
    assert {tuple(report["group_by"]) for report in marker["reports"]} == {("workspace_id",)}
    result = account.load()
    assert (result.landed, result.quarantined) == (3, 0)
    assert account.charges() == [
        (1, "11-01", OPUS, "ws_2", 0.25),
        (1, "11-01", GPT, "ws_1", 0.5),
        (1, "11-03", OPUS, None, 1.5),
    ]
    assert account.load().batch is None


def test_a_newer_pull_replaces_its_days_those_that_became_empty_too(
    activity: Activity, account: Account
) -> None:
    account.pull("2026-11-01", "2026-11-05")
    account.load()
    activity.rows = [row("2026-11-01", 9), row("2026-11-04", 0.75)]
    account.pull("2026-11-03", "2026-11-05", at=4)
    assert (account.load().landed, account.charges()[3:]) == (
        3,
        [
            (2, "11-01", OPUS, "ws_2", 0.25),
            (2, "11-01", GPT, "ws_1", 0.5),
            (2, "11-04", GPT, "ws_1", 0.75),
        ],
    )


def test_a_grouping_that_is_refused_is_left_out(activity: Activity, account: Account) -> None:
    activity.knows_workspaces = False
    account.pull("2026-11-01", "2026-11-05")
    assert [len(query) for _, query, _ in activity.asked] == [2, 1, 1, 1, 1]
    account.load()
    assert {workspace for *_, workspace, _ in account.charges()} == {None}


def test_what_the_api_no_longer_answers_is_told(activity: Activity, account: Account) -> None:
    activity.rows.append(row("2026-10-06", 2))
    [note] = account.pull("2026-10-01", "2026-11-06")
    assert "nothing was pulled of the days from 2026-10-01 to before 2026-10-06" in note
    assert (activity.asked[0][1][0][1], len(activity.asked)) == ("2026-10-06", 30)
    account.load()
    assert {day for _, day, *_ in account.charges()} == {"10-06", "11-01", "11-03"}
    for since, until in (("2026-09-01", "2026-10-06"), ("2026-11-05", "2026-11-06")):
        with pytest.raises(SourceError, match="bill router: activity answers whole days from"):
            account.pull(since, until)


def test_what_is_busy_broken_or_cut_is_asked_for_again(
    activity: Activity, account: Account
) -> None:
    activity.answers = [
        *((429, error("slow down"), {"Retry-After": "7"}), (500, b"oops"), None),
        *((200, b'{"data": [{"date": "2026-11-0'), short, None),
        *(closed, None),
    ]
    account.pull("2026-11-01", "2026-11-05")
    assert len(activity.asked) == 4 + 5
    assert account.waits[0] == 7 and len(account.waits) == 5
    assert account.load().landed == 3


def test_a_pull_that_breaks_off_counts_for_nothing_and_the_next_one_is_whole(
    activity: Activity, account: Account
) -> None:
    good = activity.respond("/api/v1/activity", [("date", "2026-11-01")])
    activity.answers = [good, *[(503, b"")] * 6]
    with pytest.raises(SourceError, match=r"bill router: .*answered HTTP 503, 6 times"):
        account.pull("2026-11-01", "2026-11-05")
    assert account.objects() == [f"{PULL}/activity-2026-11-01-0001.json"]
    assert account.load().landed == 0
    account.pull("2026-11-01", "2026-11-05", at=4)
    assert account.load().landed == 3


def drip(out: BinaryIO) -> None:
    Drip(b" ", HEAD + b"Content-Length: 1000\r\n\r\n")(out)


@pytest.mark.parametrize(
    ("answer", "limits", "told"),
    [
        (drip, {"max_page_seconds": 1}, "raise `max_page_seconds` in the bill's `api:` entry"),
        ((200, b" " * 2_000_001), {"max_page_mb": 1}, "answers with more than 1 MB"),
        ((200, b'{"data": []}'), {"max_pages": 2}, "activity has more than 2 pages"),
        ((200, b'{"data": [{"date": "2026-10-31"}]}'), {}, "rows of another day than 2026-11-01"),
        ((200, b'{"data": {}}'), {}, "not a page with a list `data`: check base_url"),
        ((200, b"<html>login</html>"), {}, "answered not JSON: check base_url"),
        ((200, b'{"data": [], "error": {"code": 500}}'), {}, "an error in place of its rows"),
        ((401, error(f"no user of {KEY}")), {}, r"no user of \*\*\*\): the key must be an admin"),
        ((400, error("bad date")), {}, r"HTTP 400 \(bad date\)"),
    ],
)
def test_what_stays_wrong_is_one_sentence_and_leaves_no_pull(
    api: Api, tmp_path: Path, answer: Answer, limits: dict[str, int], told: str
) -> None:
    account = Account(tmp_path, api.url, **limits)
    api.respond = lambda path, query: answer
    with pytest.raises(SourceError, match=told) as raised:
        account.pull("2026-11-01", "2026-11-05")
    assert str(raised.value).startswith("bill router: ") and KEY not in str(raised.value)
    assert not any(name.endswith("pull.json") for name in account.objects())


def test_exports_saved_by_hand_say_days_that_no_pull_has(
    activity: Activity, account: Account
) -> None:
    """A row of no day or no amount is quarantined alone, in a pull as in a saved page."""
    activity.rows[0]["usage"] = "a lot"
    account.pull("2026-11-01", "2026-11-05")
    export = account.location / "october.csv"
    export.write_text("Date,Slug,Usage\n2026-10-31 00:00:00,openai/gpt-4.1,3\n")
    result = account.load()
    assert (result.landed, result.quarantined) == (3, 1)
    export.write_text("Date,Slug,Usage\n2026-11-03 00:00:00,openai/gpt-4.1,3\n")
    with pytest.raises(SourceError, match="both have charges of 2026-11-03"):
        account.load()


def lose_a_page(folder: Path) -> None:
    (folder / "activity-2026-11-02-0001.json").unlink()


def add_a_page(folder: Path) -> None:
    (folder / "more.json").write_text('{"data": []}')


@pytest.mark.parametrize(
    ("damage", "told"),
    [(lose_a_page, "promises 2026-11-02, whose page is missing"), (add_a_page, "is no page of it")],
)
def test_a_pull_must_be_whole(
    activity: Activity, account: Account, damage: Callable[[Path], None], told: str
) -> None:
    account.pull("2026-11-01", "2026-11-05")
    damage(account.location / PULL)
    with pytest.raises(SourceError, match=told):
        account.load()
