"""Anthropic's reports of money by key and hour, saved by hand and pulled."""

import hashlib
import itertools
import json
import random
from decimal import Decimal
from typing import Any

import pytest

from ingestion.bills.anthropic.reader import read_bill
from ingestion.records import Parsed, SourceError
from tests.ingestion.bills.analytics_pages import (
    MODEL,
    SEARCH,
    A,
    B,
    analytics_page,
    cost_row,
    usage_row,
)
from tests.ingestion.bills.bill_pages import bill, pull_json, rows

ANTHROPIC = bill("anthropic")
COST = "analytics_cost"
HOUR = "2026-10-13T10"
NEXT = "2026-10-13T11"


def read(objects: dict[str, bytes]) -> dict[str, Parsed]:
    return dict(read_bill(objects, ANTHROPIC))


def money(parsed: dict[str, Parsed], report: str = COST) -> list[Decimal]:
    return sorted(
        row["billed_cost_in_billing_currency"]
        for row in rows(parsed, "charges")
        if row["report"] == report
    )


def groupings(parsed: dict[str, Parsed]) -> set[str]:
    return {row["grouping"] for row in rows(parsed, "bill_buckets") if row["report"] == COST}


@pytest.mark.parametrize(
    ("cents", "dollars"),
    [
        ("12.3456789", "0.123456789"),
        ("0", "0"),
        ("0.00", "0"),
        ("100", "1"),
        ("1e2", "1"),
        ("-0.00000001", "-0.0000000001"),
        ("123456789.123456789", "1234567.89123456789"),
    ],
)
def test_amounts_are_fractional_cents(cents: str, dollars: str) -> None:
    """Trap 7: and fractions of a cent count."""
    (charge,) = rows(read({"p": analytics_page(cost_row(HOUR, cents))}), "charges")
    assert charge["billed_cost_in_billing_currency"] == Decimal(dollars)
    assert (charge["credential_id"], charge["sub_account_id"]) == ("apikey_a", "wrkspc_1")
    assert (charge["charge_kind"], charge["meter"], charge["model"]) == ("tokens", "input", MODEL)
    assert (charge["service_tier"], charge["context_band"]) == ("standard", "base")
    assert str(charge["bucket_start"]) == "2026-10-13 10:00:00+00:00"


@pytest.mark.parametrize(
    ("cost_type", "token_type", "kind", "meter"),
    [
        ("tokens", "output_tokens", "tokens", "output"),
        ("tokens", "cache_read_input_tokens", "tokens", "cache_read"),
        ("tokens", "cache_creation.ephemeral_1h_input_tokens", "tokens", "cache_write_1h"),
        ("tokens", "tokens_of_tomorrow", "unparsed", None),
        ("tokens", None, "tokens", None),
        (None, "output_tokens", "tokens", "output"),
        ("web_search", None, "tool", "web_searches"),
        ("code_execution", None, "tool", "code_sessions"),
        ("session_usage", None, "session", None),
        ("something_new", None, "unparsed", None),
        (None, None, "unparsed", None),
    ],
)
def test_what_a_row_is_for(
    cost_type: str | None, token_type: str | None, kind: str, meter: str | None
) -> None:
    row = cost_row(HOUR, "5", A, cost_type=cost_type, token_type=token_type)
    (charge,) = rows(read({"p": analytics_page(row)}), "charges")
    assert (charge["charge_kind"], charge["meter"]) == (kind, meter)


def test_keys_that_were_grouped_by_and_are_null_have_a_name_others_have_none() -> None:
    workbench = cost_row(HOUR, "7", api_key_id=None, workspace_id=None)
    found = rows(read({"p": analytics_page(cost_row(HOUR, "5"), workbench)}), "charges")
    assert {row["credential_id"] for row in found} == {"apikey_a", "workbench"}
    assert {row["sub_account_id"] for row in found} == {"wrkspc_1", "default"}
    (alone,) = rows(read({"p": analytics_page(cost_row(HOUR, "12", {}))}), "charges")
    assert (alone["credential_id"], alone["sub_account_id"], alone["grouping"]) == (None, None, "")


def pages_of_a() -> list[bytes]:
    """Largest first: hours mix across pages, and the last one has tools and zeros alone."""
    return [
        analytics_page(cost_row(HOUR, "90"), cost_row(NEXT, "80"), more="x2"),
        analytics_page(
            cost_row(NEXT, "7", token_type="output_tokens"), cost_row(HOUR, "6", A, api_key_id="b"),
            more="x3", refreshed="2026-11-02T08:00:10Z",
        ),
        analytics_page(cost_row(HOUR, "5", SEARCH), cost_row(NEXT, "0", SEARCH)),
    ]  # fmt: skip


def test_hours_mix_across_pages_in_any_order_and_under_any_name() -> None:
    expected = read({str(n): data for n, data in enumerate(pages_of_a())})
    cents = ["0", "0.05", "0.06", "0.07", "0.80", "0.90"]
    assert money(expected) == list(map(Decimal, cents))
    for seed, order in enumerate(itertools.permutations(pages_of_a())):
        names = random.Random(seed).sample(range(100), 3)
        found = read({f"{name}.json": data for name, data in zip(names, order, strict=True)})
        for table in ("charges", "bill_buckets"):
            assert rows(found, table) == rows(expected, table)
    assert groupings(expected) == {",".join(sorted(A))}
    assert all(said.records == 2 for said in expected.values())


@pytest.mark.parametrize("missing", [2, 0])
def test_a_page_that_promises_more_is_continued(missing: int) -> None:
    pages = pages_of_a()
    del pages[missing]
    if missing == 0:  # what is not there cannot be known from the pages after it
        assert money(read({str(n): data for n, data in enumerate(pages)}))
        return
    with pytest.raises(SourceError, match=r"1 promises more|0 promises more") as told:
        read({str(n): data for n, data in enumerate(pages)})
    assert "fetch the next page" in str(told.value)


def test_another_query_does_not_end_a_promise() -> None:
    cut = analytics_page(cost_row(HOUR, "90"), cost_row(NEXT, "80"), more="x")
    pull_b = analytics_page(cost_row(HOUR, "90", B), cost_row(NEXT, "80", B))
    total = analytics_page(cost_row(HOUR, "90", {}), cost_row(NEXT, "80", {}))
    models = {"model": MODEL, "cost_type": "tokens", "token_type": "uncached_input_tokens"}
    coarse = analytics_page(cost_row(HOUR, "90", models), cost_row(NEXT, "80", models))
    for other in (pull_b, total, analytics_page(usage_row(HOUR, 1))):
        with pytest.raises(SourceError, match="a promises more"):
            read({"a": cut, "b": other})
    two = analytics_page(
        cost_row(HOUR, "40"), cost_row(HOUR, "50", A, api_key_id="b"), more="x"
    )  # fmt: skip
    with pytest.raises(SourceError, match="a promises more"):
        read({"a": two, "b": coarse})
    november = analytics_page(cost_row("2026-12-01T00", "1"))
    with pytest.raises(SourceError, match="a promises more"):
        read({"a": cut, "b": november})


def test_rows_saved_twice_collapse() -> None:
    once = read({"1": analytics_page(cost_row(HOUR, "5"), cost_row(NEXT, "6"))})
    # the same page again, one with another limit, and numbers spelt otherwise
    again = read(
        {
            "1": analytics_page(cost_row(HOUR, "5"), cost_row(NEXT, "6")),
            "copy": analytics_page(cost_row(HOUR, "5"), cost_row(NEXT, "6")),
            "short": analytics_page(cost_row(NEXT, "6")),
        }
    )
    assert money(again) == money(once) == [Decimal("0.05"), Decimal("0.06")]
    assert sum(said.records for said in again.values()) == 5
    assert len(money(again, f"{COST}_history")) == 3


def test_of_two_answers_for_a_period_the_newer_one_stands() -> None:
    old = analytics_page(cost_row(HOUR, "5"), cost_row(NEXT, "6"), refreshed="2026-10-14T00:00:00Z")
    gone = cost_row(HOUR, "1", A, api_key_id="gone")
    more = analytics_page(cost_row(HOUR, "4"), gone, refreshed="2026-10-13T20:00:00Z")
    new = analytics_page(cost_row(HOUR, "5.5"), refreshed="2026-11-02T00:00:00Z")
    for order in itertools.permutations((old, more, new)):
        found = read({str(n): data for n, data in enumerate(order)})
        assert money(found) == [Decimal("0.055"), Decimal("0.06")]


def test_two_answers_of_one_moment_that_differ_are_an_error_naming_both() -> None:
    with pytest.raises(SourceError, match="a and b do not agree on analytics_cost of 2026-10-13"):
        read({"a": analytics_page(cost_row(HOUR, "5")), "b": analytics_page(cost_row(HOUR, "6"))})


def test_tiers_and_speed_of_two_pulls_meet_in_one_row() -> None:
    """Pull A knows tier and context, pull B place and speed."""
    other = {"api_key_id": "apikey_b"}
    pull_a = [cost_row(HOUR, "150"), cost_row(NEXT, "30"), cost_row(HOUR, "9", A, **other)]
    pull_a.append(cost_row(HOUR, "3", A, service_tier="batch", **other))
    pull_b = [
        cost_row(HOUR, "50", B),
        cost_row(HOUR, "100", B, speed="fast"),
        cost_row(NEXT, "30", B, inference_geo="us"),
        cost_row(HOUR, "4", B, speed="fast", **other),
        cost_row(HOUR, "8", B, **other),
    ]
    found = rows(read({"a": analytics_page(*pull_a), "b": analytics_page(*pull_b)}), "charges")
    columns = ("billed_cost_in_billing_currency", "service_tier", "region", "context_band")
    split = {
        tuple(row[column] for column in columns)
        for row in found
        if "service_tier" in row["grouping"]
    }  # fmt: skip
    assert split == {
        (Decimal("0.5"), "standard", "global", "base"),
        (Decimal("1"), "fast", "global", "base"),
        (Decimal("0.3"), "standard", "us", "base"),
        # both have several: which of them was fast is not known
        (Decimal("0.09"), None, "global", "base"),
        (Decimal("0.03"), None, "global", "base"),
    }


def test_another_total_is_no_detail() -> None:
    pull_b = analytics_page(cost_row(HOUR, "50", B, speed="fast"))
    found = rows(read({"a": analytics_page(cost_row(HOUR, "51")), "b": pull_b}), "charges")
    tiers = {row["grouping"]: (row["service_tier"], row["region"]) for row in found}
    assert tiers[",".join(sorted(A))] == ("standard", None)


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ({"cost": {"amount": "12,34", "currency": "USD"}}, "cost.amount"),
        ({"cost": {"amount": {}, "currency": "USD"}}, "cost.amount"),
        ({"cost": {"amount": "1e9999999", "currency": "USD"}}, "cost.amount"),
        ({"cost": {"amount": "5", "currency": ["USD"]}}, "cost.currency"),
        ({"cost": {"amount": "5", "currency": None}}, "cost.currency"),
        ({"cost": []}, "cost"),
        ({"starting_at": {}}, "starting_at"),
        ({"starting_at": "9" * 5000}, "starting_at"),
        ({"starting_at": "0001-01-01T00:00:00+14:00"}, "starting_at"),
        ({"ending_at": "2026-10-13T10:00:00Z"}, "ending_at"),
        ({"group": [1]}, "group"),
        ({"group": {"cost_type": 5}}, "group.cost_type"),
        ({"group": {"model": [[]]}}, "group.model"),
    ],
)
def test_a_row_that_cannot_be_read_is_quarantined_beside_its_neighbours(
    broken: dict[str, Any], field: str
) -> None:
    found = read({"p": analytics_page(cost_row(NEXT, "5"), cost_row(HOUR, "5") | broken)})["p"]
    assert [(reject.record_no, reject.field) for reject in found.rejects] == [(1, field)]
    assert (found.records, [row["record_no"] for row in found.rows["charges"]]) == (2, [0])


def test_rows_that_overlap_are_refused_by_name() -> None:
    """Trap 24: groups overlap, and their sum is no total."""
    page = analytics_page(cost_row(HOUR, "5", {"rbac_group_id": "rbac_1"}))
    with pytest.raises(SourceError, match="p: grouped by rbac_group_id, whose rows count the same"):
        read({"p": page})


def test_usage_rows_are_meters_by_key_and_hour() -> None:
    found = read({"u": analytics_page(usage_row(HOUR, 100, searches=2))})
    usage = rows(found, "provider_usage")
    assert {(row["meter"], row["quantity"]) for row in usage} == {
        ("input", 100), ("web_searches", 2)
    }  # fmt: skip
    assert {(row["credential_id"], row["report"]) for row in usage} == {
        ("apikey_a", "analytics_usage")
    }


def pulled(pages: dict[str, list[bytes]], groups: dict[str, list[str]]) -> dict[str, bytes]:
    """A pull of 13 October; `pages` by query."""
    reports = [
        {
            "report": COST,
            "group_by": groups[name],
            "pages": [hashlib.sha256(data).hexdigest() for data in of_query],
        }
        for name, of_query in pages.items()
    ]
    marker = pull_json(
        "2026-11-02T03:00:00Z", "anthropic", reports=reports, since="2026-10-13", until="2026-10-14"
    )
    files = {f"p/{n}-{i}": d for n, pages_ in pages.items() for i, d in enumerate(pages_)}
    return {"p/pull.json": marker, **files}


def test_a_pull_says_of_every_hour_what_there_is() -> None:
    a, b = sorted(A), sorted(B)
    objects = pulled(
        {
            "a": pages_of_a()[:2] + pages_of_a()[2:],
            "b": [analytics_page()],
            "c": [analytics_page()],
        },
        {"a": a, "b": b, "c": []},
    )
    found = read(objects)
    buckets = [r for r in rows(found, "bill_buckets") if r["grouping"] == ",".join(a)]
    assert len({row["bucket_start"] for row in buckets}) == 24
    assert sum(row["row_count"] for row in buckets) == 6
    assert money(found) == [Decimal(c) for c in ("0", "0.05", "0.06", "0.07", "0.80", "0.90")]
    empty = read(pulled({"a": [analytics_page(refreshed=None)]}, {"a": a}))
    assert len(rows(empty, "bill_buckets")) == 24


def test_a_pull_that_is_cut_is_an_error() -> None:
    groups = {"a": sorted(A)}
    with pytest.raises(SourceError, match="promises more pages of analytics_cost and none follows"):
        read(pulled({"a": pages_of_a()[:2]}, groups))
    objects = pulled({"a": pages_of_a()}, groups)
    del objects["p/a-1"]
    with pytest.raises(SourceError, match="1 pages are missing or changed"):
        read(objects)


def test_an_openai_bill_says_whose_page_it_is() -> None:
    from ingestion.bills.openai import reader as openai

    with pytest.raises(SourceError, match="p is an Anthropic page, but its bill has format openai"):
        dict(openai.read_bill({"p": analytics_page(cost_row(HOUR, "5"))}, bill("openai")))
    assert json.loads(analytics_page())["data"] == []
