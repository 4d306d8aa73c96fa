"""Anthropic's reports of money by key and hour: what they bill, and what only checks them."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from orchestration.checks.bill_reports import control_differences
from tests.ingestion.bills.analytics_pages import (
    MODEL,
    SEARCH,
    A,
    B,
    analytics_page,
    cost_row,
    usage_row,
)
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, Rows, log, write_company

SETTINGS = """\
company: Reports
timezone: Europe/Berlin
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {credential_hint: key, account_hint: account, service_tier: service}
bills:
"""
DAY, BEFORE = "2026-10-13", "2026-10-12"
MONTH = date(2026, 10, 1)


def legacy(day: str, *results: dict[str, Any]) -> dict[str, Any]:
    after = f"{day[:-2]}{int(day[-2:]) + 1:02}"
    span = {"starting_at": f"{day}T00:00:00Z", "ending_at": f"{after}T00:00:00Z"}
    return {**span, "results": list(results)}


def legacy_cost(cents: str, **keys: Any) -> dict[str, Any]:
    return {
        "amount": cents,
        "currency": "USD",
        "description": "Claude Opus 4.8 Usage - Input",
        "cost_type": "tokens",
        "token_type": "uncached_input_tokens",
        "model": MODEL,
        "service_tier": "standard",
        "context_window": "0-200k",
        "workspace_id": "wrkspc_1",
        **keys,
    }


def legacy_usage(key: str, tokens: int, **keys: Any) -> dict[str, Any]:
    return {
        "uncached_input_tokens": tokens,
        "output_tokens": 0,
        "api_key_id": key,
        "model": MODEL,
        "service_tier": "standard",
        "context_window": "0-200k",
        "workspace_id": "wrkspc_1",
        **keys,
    }


def legacy_page(*buckets: dict[str, Any]) -> str:
    return json.dumps({"data": list(buckets), "has_more": False, "next_page": None})


def pull(at: str, since: str, until: str, *pages: tuple[str, str]) -> str:
    """`pull.json` of pages of (report, text), as a pull writes it."""
    reports = [
        {
            "report": report,
            "since": since,
            "until": until,
            "group_by": sorted(A)
            if report == "analytics_cost"
            else ["description", "workspace_id"],
            "pages": [hashlib.sha256(text.encode()).hexdigest()],
        }
        for report, text in pages
    ]
    said = {"pull_id": at, "pulled_at": at, "provider": "anthropic", "complete": True}
    return json.dumps({**said, "reports": reports, "since": since, "until": until})


def key(name: str, **more: Any) -> dict[str, Any]:
    return {**A, "api_key_id": name, **more}


TEN, NOON = f"{DAY}T10", f"{DAY}T12"
LEGACY_PULL = legacy_page(legacy(BEFORE, legacy_cost("30")), legacy(DAY, legacy_cost("77")))
FIRST_PULL = analytics_page(
    cost_row(TEN, "40", key("k-m")), cost_row(NOON, "60", key("k-m"))
).decode()
SECOND_PULL = analytics_page(cost_row(NOON, "61.5", key("k-m"))).decode()
# account: pages of its bill
BILLS: dict[str, dict[str, str]] = {
    # by key and hour, a page of each report, and legacy pages of the day and of the day before
    "org-both": {
        "new.json": analytics_page(
            cost_row(TEN, "12.3456789", key("k-chat")),
            cost_row(TEN, "100.00", key("k-ads")),
            cost_row(NOON, "50", key("k-ads")),
            cost_row(NOON, "0", key("k-idle")),
        ).decode(),
        "usage.json": analytics_page(
            usage_row(TEN, 1000, key("k-chat")),
            usage_row(TEN, 2000, key("k-ads")),
            usage_row(NOON, 1000, key("k-ads")),
        ).decode(),
        "legacy.json": legacy_page(
            legacy(BEFORE, legacy_cost("300")), legacy(DAY, legacy_cost("162.3456789"))
        ),
        "legacy usage.json": legacy_page(
            legacy(BEFORE, legacy_usage("k-chat", 1000), legacy_usage("k-ads", 2000)),
            legacy(DAY, legacy_usage("k-chat", 1000), legacy_usage("k-ads", 3000)),
        ),
    },
    # the legacy report says more, the control total of the new one less
    "org-differs": {
        "new.json": analytics_page(cost_row(TEN, "100", key("k-d"))).decode(),
        "total.json": analytics_page(cost_row(f"{DAY}T00", "90", {}, hours=24)).decode(),
        "legacy.json": legacy_page(legacy(DAY, legacy_cost("125.5"))),
    },
    # hours on two pages, no usage report: a key's hour is its requests'
    "org-pages": {
        "1.json": analytics_page(
            cost_row(TEN, "80", key("k-p")), cost_row(NOON, "60", key("k-q")), more="x"
        ).decode(),
        "2.json": analytics_page(
            cost_row(NOON, "40", key("k-p")), cost_row(TEN, "20", key("k-q"))
        ).decode(),
    },
    # fast mode, told by pull B alone
    "org-fast": {
        "a.json": analytics_page(
            cost_row(TEN, "150", key("k-f")), cost_row(TEN, "5", {**SEARCH, "api_key_id": "k-f"})
        ).decode(),
        "b.json": analytics_page(
            cost_row(TEN, "50", {**B, "api_key_id": "k-f"}),
            cost_row(TEN, "100", {**B, "api_key_id": "k-f"}, speed="fast"),
            cost_row(TEN, "5", {**SEARCH, "api_key_id": "k-f"}),
        ).decode(),
    },
    # legacy pages that say the speed in both reports
    "org-speed": {
        "cost.json": legacy_page(
            legacy(
                DAY,
                legacy_cost("50", speed="standard"),
                legacy_cost("100", speed="fast", description="Claude Opus 4.8 Usage (Fast Mode)"),
            )
        ),
        "usage.json": legacy_page(
            legacy(
                DAY,
                legacy_usage("k-s", 1000, speed="standard"),
                legacy_usage("k-t", 1000, speed="fast"),
            )
        ),
    },
    # pulled before there was a new report, and twice since: the last says that an hour was nothing
    "org-moved": {
        "p1/legacy.json": LEGACY_PULL,
        "p1/pull.json": pull(
            "2026-10-14T03:00:00Z", BEFORE, "2026-10-14", ("cost_report", LEGACY_PULL)
        ),
        "p2/rows.json": FIRST_PULL,
        "p2/pull.json": pull(
            "2026-10-31T03:00:00Z", DAY, "2026-10-14", ("analytics_cost", FIRST_PULL)
        ),
        "p3/rows.json": SECOND_PULL,
        "p3/pull.json": pull(
            "2026-11-01T03:00:00Z", DAY, "2026-10-14", ("analytics_cost", SECOND_PULL)
        ),
    },
    # usage by speed; of the cost report the words tell, or nothing does
    "org-words": {
        "cost.json": legacy_page(
            legacy(
                DAY,
                legacy_cost("50"),
                legacy_cost("100", description="Claude Opus 4.8 Usage - Input (Fast Mode)"),
            )
        ),
        "usage.json": legacy_page(
            legacy(
                DAY,
                legacy_usage("k-u", 1000, speed="standard"),
                legacy_usage("k-v", 1000, speed="fast"),
            )
        ),
    },
    "org-silent": {
        "cost.json": legacy_page(legacy(DAY, legacy_cost("150"))),
        "usage.json": legacy_page(
            legacy(
                DAY,
                legacy_usage("k-w", 1000, speed="standard"),
                legacy_usage("k-x", 2000, speed="fast"),
            )
        ),
    },
}


def calls() -> Iterator[dict[str, Any]]:
    for account, name, at, team, tokens, service in (
        ("org-both", "k-chat", TEN, "chat", 1000, None),
        ("org-both", "k-ads", TEN, "ads", 1500, None),
        ("org-both", "k-ads", NOON, "ads", 1000, None),
        ("org-both", "k-chat", f"{BEFORE}T10", "chat", 1000, None),
        ("org-both", "k-ads", f"{BEFORE}T10", "ads", 2000, None),
        ("org-differs", "k-d", TEN, "differs", 1000, None),
        ("org-pages", "k-p", TEN, "pages-p", 10, None),
        ("org-pages", "k-p", NOON, "pages-p-noon", 99, None),
        ("org-pages", "k-q", TEN, "pages-q", 10, None),
        ("org-pages", "k-q", NOON, "pages-q", 10, None),
        ("org-fast", "k-f", TEN, "batchers", 1000, "standard"),
        ("org-fast", "k-f", TEN, "traders", 1000, "fast"),
        ("org-speed", "k-s", TEN, "batchers-legacy", 1000, "standard"),
        ("org-speed", "k-t", TEN, "traders-legacy", 1000, "fast"),
        ("org-moved", "k-m", f"{BEFORE}T10", "moved-before", 1000, None),
        ("org-moved", "k-m", TEN, "moved-ten", 1000, None),
        ("org-moved", "k-m", NOON, "moved-noon", 1000, None),
        ("org-words", "k-u", TEN, "batchers-words", 1000, "standard"),
        ("org-words", "k-v", TEN, "traders-words", 1000, "fast"),
        ("org-silent", "k-w", TEN, "batchers-silent", 1000, "standard"),
        ("org-silent", "k-x", TEN, "traders-silent", 2000, "fast"),
    ):
        yield {
            "timestamp": f"{at}:30:00Z",
            "model_name": MODEL,
            "input_token_count": tokens,
            "output_token_count": 0,
            "team": team,
            "key": name,
            "account": account,
            "provider": "anthropic",
            "service": service,
        }


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    entries = "".join(
        f"  - {{name: {account}, format: anthropic, account: {account},"
        f" location: bills/{account}}}\n"
        for account in BILLS
    )
    files = {
        f"bills/{account}/{name}": text
        for account, pages in BILLS.items()
        for name, text in pages.items()
    }
    folder = tmp_path_factory.mktemp("reports")
    write_company(folder, {"logs/a.jsonl": log(calls()), **files}, SETTINGS + entries)
    return Company(project, folder)


def split(company: Company, account: str) -> Rows:
    return company.query(
        "select team, residual_cause, sum(billed_cost) from main.fct_cost_allocations where"
        f" billing_account = '{account}' group by all having sum(billed_cost) <> 0 order by all"
    )


def test_money_stands_by_key_and_hour_and_legacy_days_beside_it(company: Company) -> None:
    """Of 13 October 1.623456789, of the day before 3.00 of the legacy report by its usage."""
    assert split(company, "org-both") == [
        ("__unallocated__", "unlogged_usage", Decimal("0.25")),
        ("ads", None, Decimal("1.25") + 2),
        ("chat", None, Decimal("0.123456789") + 1),
    ]


def test_a_legacy_bucket_that_the_new_report_covers_is_added_to_nothing(company: Company) -> None:
    """Control totals are told with both dollars, whichever says more."""
    found = company.query(
        "select billing_account, report, grouping, billing_month, days, billed_cost, control_cost,"
        " difference from main.mart_bill_controls where grouping not like '%speed%' order by all"
    )
    description = "description,workspace_id"
    both, differs = Decimal("1.623456789"), Decimal(1)
    assert found == [
        ("org-both", "cost_report", description, MONTH, 1, both, both, Decimal(0)),
        ("org-differs", "analytics_cost", "", MONTH, 1, differs, Decimal("0.9"), Decimal("-0.1")),
        (
            *("org-differs", "cost_report", description, MONTH, 1),
            *(differs, Decimal("1.255"), Decimal("0.255")),
        ),
    ]
    assert split(company, "org-differs") == [("differs", None, differs)]


def test_a_difference_is_told_with_both_dollars(company: Company) -> None:
    by_description = "(grouped by description, workspace_id)"
    of, billed = "bill org-differs: of 1 days of 2026-10", ", and 1 are billed by the report that"
    end = f"{billed} stands: pull or save both again, and ask the provider if they differ then"
    assert control_differences(company.connection) == [
        f"{of} analytics_cost (not grouped) says 0.9 USD{end}",
        f"{of} cost_report {by_description} says 1.255 USD{end}",
    ]


def test_hours_on_several_pages_are_one_bill(company: Company) -> None:
    assert split(company, "org-pages") == [
        ("pages-p", None, Decimal("0.8")),
        ("pages-p-noon", None, Decimal("0.4")),
        ("pages-q", None, Decimal("0.8")),
    ]


def test_a_workspace_that_pulled_the_legacy_report_before_goes_over(company: Company) -> None:
    """12 October by the legacy pull, 13 October by the newest pull, hours without rows too; what is
    older than the bill controls nothing."""
    assert split(company, "org-moved") == [
        ("moved-before", None, Decimal("0.3")),
        ("moved-noon", None, Decimal("0.615")),
    ]
    controls = "select count(*) from main.mart_bill_controls where billing_account = 'org-moved'"
    assert company.value(controls) == 0


def test_fast_mode_has_its_own_price(company: Company) -> None:
    assert split(company, "org-fast")[-2:] == [
        ("batchers", None, Decimal("0.5")),
        ("traders", None, Decimal("1")),
    ]
    assert split(company, "org-speed") == [
        ("batchers-legacy", None, Decimal("0.5")),
        ("traders-legacy", None, Decimal("1")),
    ]
    assert split(company, "org-words") == [
        ("batchers-words", None, Decimal("0.5")),
        ("traders-words", None, Decimal("1")),
    ]


def test_a_bill_that_does_not_tell_fast_money_apart_splits_it_by_tokens(company: Company) -> None:
    assert split(company, "org-silent") == [
        ("batchers-silent", None, Decimal("0.5")),
        ("traders-silent", None, Decimal("1")),
    ]


def test_every_cent_is_allocated_once(company: Company) -> None:
    totals = dict(
        company.query(
            "select billing_account, sum(billed_cost) from main.fct_cost_allocations group by all"
        )
    )
    assert totals == {
        "org-both": Decimal("4.623456789"),
        "org-differs": Decimal(1),
        "org-pages": Decimal(2),
        "org-fast": Decimal("1.55"),
        "org-speed": Decimal("1.5"),
        "org-words": Decimal("1.5"),
        "org-moved": Decimal("0.915"),
        "org-silent": Decimal("1.5"),
    }
