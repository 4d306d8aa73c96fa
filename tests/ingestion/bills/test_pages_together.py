"""Pages saved by hand, read together: order, repeats, gaps, conflicts."""

import random
import re
from decimal import Decimal

import pytest

from ingestion.bills.anthropic import reader as anthropic
from ingestion.bills.openai import reader as openai
from ingestion.records import Parsed, SourceError
from tests.ingestion.bills.bill_pages import (
    anthropic_bucket,
    bill,
    cost,
    openai_bucket,
    page,
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


def test_shuffled_and_renamed_pages_give_the_same_rows() -> None:
    expected = read({"1.json": FIRST, "2.json": SECOND, "3.json": THIRD})
    contents = [FIRST, SECOND, THIRD]
    for seed in range(6):
        random.Random(seed).shuffle(contents)
        parsed = read({f"{seed}/x{n}": data for n, data in enumerate(contents)})
        for table in ("charges", "bill_buckets"):
            assert rows(parsed, table) == rows(expected, table)
    assert grouped(expected) == {("costs", "line_item,project_id")}


def test_repeated_pages_land_each_with_the_same_buckets() -> None:
    once = read({"1": FIRST, "2": SECOND, "3": THIRD})
    twice = read({"1": FIRST, "2": SECOND, "3": THIRD, "copy of 1": FIRST})
    assert twice["copy of 1"].records == twice["1"].records == 2
    assert twice["copy of 1"].rows == once["1"].rows


def test_overlapping_pages_collapse_where_their_buckets_are_equal() -> None:
    # The order of results, the spelling of a number and NULL keys are no difference.
    again = page(openai_bucket(1, cost("2.0", project="proj_b"), cost("1.00")), openai_bucket(2))
    parsed = read({"1": page(openai_bucket(1, cost("1"), cost("2", project="proj_b"))), "2": again})
    assert [parsed[name].records for name in ("1", "2")] == [2, 2]


def test_days_are_told_by_their_dates_and_not_by_their_place() -> None:
    """Trap 2: the same week is eight days at one provider and seven at the other, ends are
    exclusive, and the day that is not over is one that grows.
    """
    week = range(1, 8)
    openai_week = page(*(openai_bucket(day, cost(f"{day}")) for day in (*week, 8)))
    line = '{"amount":"100","currency":"USD","description":"x","cost_type":"tokens"}'
    anthropic_week = page(*(anthropic_bucket(day, line) for day in week))
    told = read({"w.json": openai_week})
    other = dict(anthropic.read_bill({"w.json": anthropic_week}, bill("anthropic")))
    for parsed, days in ((told, 8), (other, 7)):
        starts = [row["bucket_start"].day for row in rows(parsed, "bill_buckets")]
        ends = [row["bucket_end"].day for row in rows(parsed, "bill_buckets")]
        assert sorted(starts) == list(range(1, days + 1))
        assert sorted(ends) == list(range(2, days + 2))
    of_day = {
        row["bucket_start"].day: row["billed_cost_in_billing_currency"]
        for row in rows(told, "charges")
    }
    assert of_day == {day: Decimal(day) for day in (*week, 8)}


@pytest.mark.parametrize("missing", ["2", "3"])
def test_a_missing_page_is_an_error_that_says_what_to_fetch(missing: str) -> None:
    """Trap 31: a limit cuts a month without a word."""
    pages = {"1": FIRST, "2": SECOND, "3": THIRD}
    del pages[missing]
    ending, moment = {"2": ("1", "2026-10-03"), "3": ("2", "2026-10-05")}[missing]
    with pytest.raises(SourceError, match=f"{ending} ends at {moment}T00:00:00Z.*fetch the next"):
        read(pages)


def test_another_grouping_does_not_stand_in_for_a_missing_page() -> None:
    days = [openai_bucket(1, cost("3", None, None)), openai_bucket(2)]
    control = page(*days, openai_bucket(3, cost("3", None, None)))
    with pytest.raises(SourceError, match="fetch the next page"):
        read({"grouped": FIRST, "control": control})


def test_pages_that_conflict_are_an_error_naming_both_and_the_bucket() -> None:
    other = page(openai_bucket(5, cost("6", line="Promotional credit", project=None)))
    with pytest.raises(SourceError) as error:
        read({"october.json": THIRD, "sub/again.json": other})
    assert re.search(r"october\.json and sub/again\.json", str(error.value))
    assert "costs of the bucket 2026-10-05T00:00:00Z" in str(error.value)


def test_an_emptied_day_conflicts_with_the_day_that_had_rows() -> None:
    with pytest.raises(SourceError, match="2026-10-05"):
        read({"a": THIRD, "b": page(openai_bucket(5))})


def test_moved_money_conflicts_even_when_totals_agree() -> None:
    one = page(openai_bucket(1, cost("1"), cost("2", project="proj_b")))
    other = page(openai_bucket(1, cost("2"), cost("1", project="proj_b")))
    with pytest.raises(SourceError, match="do not agree"):
        read({"a": one, "b": other})


def test_an_ungrouped_control_lands_beside_with_its_own_grouping() -> None:
    """Trap 24: an ungrouped total is the control."""
    control = page(openai_bucket(1, cost("3.000000004", None, None)))
    parsed = read({"a": control, "1": FIRST, "2": SECOND, "3": THIRD})
    assert grouped(parsed) == {("costs", ""), ("costs", "line_item,project_id")}
    assert Decimal("3.000000004") in money(parsed)


def test_a_coarser_grouping_of_the_same_money_lands_beside() -> None:
    coarse = page(openai_bucket(1, cost("3", project=None)), openai_bucket(2))
    parsed = read({"a": coarse, "1": FIRST, "2": SECOND, "3": THIRD})
    assert grouped(parsed) == {("costs", "line_item"), ("costs", "line_item,project_id")}


def test_a_control_with_another_total_is_out_of_date() -> None:
    control = page(openai_bucket(1, cost("2.5", None, None)))
    with pytest.raises(SourceError, match="a and b do not agree"):
        read({"a": control, "b": page(openai_bucket(1, cost("3")))})


def test_empty_pages_belong_to_the_report_they_continue() -> None:
    usage = (
        '{"object":"organization.usage.completions.result","input_tokens":5,"output_tokens":1,'
        '"num_model_requests":1,"model":"gpt-5.5","batch":false}'
    )
    parsed = read(
        {
            "u": page(*(openai_bucket(day, usage) for day in (1, 2, 3))),
            "1": page(openai_bucket(1, cost("1")), more=True),
            "2": page(openai_bucket(2), more=True),
            "3": page(openai_bucket(3, cost("3"))),
        }
    )
    assert [bucket["report"] for bucket in parsed["2"].rows["bill_buckets"]] == ["costs"]
    assert parsed["2"].records == 0


def test_a_lone_empty_page_says_that_nothing_was_billed() -> None:
    parsed = read({"p": page(openai_bucket(1), openai_bucket(2))})
    assert parsed["p"].records == 0
    assert grouped(parsed) == {("costs", "")}
    assert read({"p": page()}) == {"p": Parsed(0)}


def test_a_bucket_twice_in_a_page_collapses_or_is_an_error() -> None:
    assert read({"p": page(openai_bucket(1, cost("1")), openai_bucket(1, cost("1")))})["p"].records
    with pytest.raises(SourceError, match="p holds the bucket 2026-10-01T00:00:00Z twice"):
        read({"p": page(openai_bucket(1, cost("1")), openai_bucket(1, cost("2")))})


def test_pages_of_a_workspace_report_share_its_grouping() -> None:
    def result(workspace: str) -> str:
        return f'{{"amount":"5","currency":"USD","description":"d","workspace_id":{workspace}}}'

    parsed = dict(
        anthropic.read_bill(
            {
                "1": page(anthropic_bucket(1, result('"wrkspc_1"')), more=True),
                # Only the default workspace was used: nothing in the page shows the grouping.
                "2": page(anthropic_bucket(2, result("null"))),
            },
            bill("anthropic"),
        )
    )
    charges = [parsed[name].rows["charges"][0] for name in ("1", "2")]
    assert [row["sub_account_id"] for row in charges] == ["wrkspc_1", "default"]
    assert {row["grouping"] for row in charges} == {"description,workspace_id"}


def test_every_record_is_landed_or_quarantined_once() -> None:
    bad = '{"amount":{"value":"x","currency":"usd"},"line_item":"y"}'
    parsed = read({"p": page(openai_bucket(1, bad), openai_bucket(2, cost("1"), bad))})["p"]
    landed = {row["record_no"] for row in parsed.rows["charges"]}
    rejected = {reject.record_no for reject in parsed.rejects}
    assert (landed, rejected, parsed.records) == ({1}, {0, 2}, 3)
    # a bucket row is no record of its own
    assert {row["record_no"] for row in parsed.rows["bill_buckets"]} <= landed
