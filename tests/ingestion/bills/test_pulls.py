"""Pulls: their order, their wholeness, and pages saved by hand beside them."""

from decimal import Decimal

import pytest

from ingestion.bills.openai import reader as openai
from ingestion.records import Parsed, SourceError
from tests.ingestion.bills.bill_pages import (
    bill,
    cost,
    openai_bucket,
    page,
    pull_json,
    rows,
)

OPENAI = bill("openai")
FIRST = page(openai_bucket(1, cost("1"), cost("2", project="proj_b")), openai_bucket(2), more=True)
SECOND = page(openai_bucket(3, cost("3")), openai_bucket(4, cost("4")), more=True)
THIRD = page(openai_bucket(5, cost("5", line="Promotional credit", project=None)))


def read(objects: dict[str, bytes]) -> dict[str, Parsed]:
    return dict(openai.read_bill(objects, OPENAI))


def money(parsed: dict[str, Parsed]) -> list[Decimal]:
    return [row["billed_cost_in_billing_currency"] for row in rows(parsed, "charges")]


def grouped(parsed: dict[str, Parsed]) -> set[tuple[str, str]]:
    return {(row["report"], row["grouping"]) for row in rows(parsed, "bill_buckets")}


def test_the_newest_pull_is_told_by_its_time_and_older_ones_still_land() -> None:
    objects = {
        "pull-1/pull.json": pull_json("2026-10-03T00:00:00Z"),
        "pull-1/a.json": page(openai_bucket(1, cost("1")), openai_bucket(2, cost("9"))),
        "z/pull.json": pull_json("2026-11-03T02:00:00+02:00"),
        "z/b.json": page(openai_bucket(1, cost("1.5")), openai_bucket(2)),
    }
    parsed = read(objects)
    assert sorted(money(parsed)) == [Decimal("1"), Decimal("1.5"), Decimal("9")]
    stamps = {str(row["pulled_at"]) for row in parsed["z/b.json"].rows["bill_buckets"]}
    assert stamps == {"2026-11-03 00:00:00+00:00"}
    assert [row["row_count"] for row in parsed["z/b.json"].rows["bill_buckets"]] == [1, 0]
    assert parsed["z/pull.json"] == Parsed(0)


def test_an_interrupted_pull_does_not_count() -> None:
    broken = {"pull-20261103T000000000000Z/costs-0001.json": SECOND}
    parsed = read({**broken, "3": THIRD})
    assert parsed["pull-20261103T000000000000Z/costs-0001.json"] == Parsed(0)
    incomplete = {"p/pull.json": pull_json("2026-10-03T00:00:00Z", complete=False), "p/1": SECOND}
    assert read(incomplete) == {"p/pull.json": Parsed(0), "p/1": Parsed(0)}


def test_pulls_of_one_moment_that_differ_have_no_order() -> None:
    objects = {
        f"{name}/{file}": data
        for name, value in (("a", "1"), ("b", "2"))
        for file, data in (
            ("pull.json", pull_json("2026-11-03T00:00:00Z")),
            ("p", page(openai_bucket(1, cost(value)))),
        )
    }
    with pytest.raises(SourceError, match="a/p and b/p do not agree"):
        read(objects)


def test_a_hand_saved_page_is_held_against_the_newest_pull_only() -> None:
    objects = {
        "a/pull.json": pull_json("2026-10-03T00:00:00Z"),
        "a/p": page(openai_bucket(1, cost("1"))),
        "b/pull.json": pull_json("2026-11-03T00:00:00Z"),
        "b/p": page(openai_bucket(1, cost("2"))),
    }
    assert read(objects | {"by-hand": page(openai_bucket(1, cost("2")))})["by-hand"].records == 1
    with pytest.raises(SourceError, match="b/p and by-hand do not agree"):
        read(objects | {"by-hand": page(openai_bucket(1, cost("1")))})


def test_a_newer_pull_may_be_grouped_otherwise() -> None:
    objects = {
        "a/pull.json": pull_json("2026-10-03T00:00:00Z"),
        "a/p": page(openai_bucket(1, cost("1"))),
        "b/pull.json": pull_json("2026-11-03T00:00:00Z"),
        "b/p": page(openai_bucket(1, cost("2", project=None))),
    }
    assert grouped(read(objects)) == {("costs", "line_item"), ("costs", "line_item,project_id")}


def test_a_pull_must_be_whole() -> None:
    marker = pull_json("2026-10-03T00:00:00Z")
    with pytest.raises(SourceError, match="a/p ends at 2026-10-03"):
        # the other pull's page does not complete this one
        later = {"b/pull.json": pull_json("2026-11-03T00:00:00Z"), "b/p": page(openai_bucket(3))}
        read({"a/pull.json": marker, "a/p": FIRST, **later})
    promises = pull_json(
        "2026-10-03T00:00:00Z",
        reports=[{"report": "costs", "group_by": ["line_item"], "buckets": 2, "pages": ["0" * 64]}],
    )
    with pytest.raises(SourceError, match="1 pages are missing or changed and 1 buckets are there"):
        read({"a/pull.json": promises, "a/p": THIRD})


def test_a_pull_says_what_it_was_grouped_by() -> None:
    """Trap 33: an empty column was not asked for, or has no value."""
    reports = [{"report": "costs", "group_by": ["project_id", "line_item", "user_id"]}]
    objects = {
        "a/pull.json": pull_json("2026-10-03T00:00:00Z", reports=reports),
        "a/p": page(openai_bucket(1), openai_bucket(2)),
        "a/q": THIRD,
    }
    assert grouped(read(objects)) == {("costs", "line_item,project_id,user_id")}


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        (b"{", "does not describe a pull"),
        (pull_json("2026-10-03T00:00:00"), "pulled_at must be"),
        (pull_json("2026-10-03T00:00:00Z", provider="anthropic"), "is a pull from anthropic"),
        (pull_json("2026-10-03T00:00:00Z", reports=[7]), "reports must be"),
    ],
)
def test_a_marker_that_cannot_be_used_is_an_error(marker: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=rf"a/pull\.json.*{message}"):
        read({"a/pull.json": marker, "a/p": THIRD})
