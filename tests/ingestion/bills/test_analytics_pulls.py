"""Live pulls of Anthropic's reports of money by key and hour, and of the legacy ones instead."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from ingestion.bills.anthropic import reader as anthropic
from ingestion.bills.pulling.api import pull
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from tests.ingestion.bills.analytics_pages import GROUP, analytics_page, cost_row, usage_row
from tests.ingestion.bills.bill_pages import anthropic_bucket, bill, page, rows
from tests.ingestion.bills.cost_api import KEY, Answer, Api, Pulled, Query, error

BETA = "analytics-usage-cost-2026-08-24"
FREE = {"cost_type", "token_type"}
# (hour, key, tier, speed, cents)
USED = [
    ("2026-10-01T10", "apikey_a", "standard", "standard", "12.5"),
    ("2026-10-01T10", "apikey_a", "standard", "fast", "25"),
    ("2026-10-02T23", "apikey_b", "batch", "standard", "0.3456789"),
    ("2026-10-04T00", "apikey_b", "standard", "standard", "100"),
]


class Analytics:
    """The new reports as they are documented: rules of parameters, one row a combination, pages
    of two rows, largest first."""

    def __init__(self) -> None:
        self.refused: dict[str, int] = {}  # name of a column or path -> status

    def __call__(self, path: str, query: Query) -> Answer:
        if "/analytics/" not in path:
            return self._legacy(path)
        groups = [value for name, value in query if name == "group_by[]"]
        asked = dict(query)
        start, end = (datetime.fromisoformat(asked[n]) for n in ("starting_at", "ending_at"))
        known = set(GROUP) | (FREE if path.endswith("/cost") else set())
        if not set(groups) <= known or len(set(groups) - FREE) > 5:
            return 400, error("group_by")
        if end - start > timedelta(days=31) or not 1 <= int(asked["limit"]) <= 1000:
            return 400, error("range")
        for name in (*groups, path):
            if name in self.refused:
                return self.refused[name], error(f"not for you: {name}")
        made = self._rows(path, groups, asked["time_bucket_width"], start, end)
        first = int(asked.get("page", "0"))
        more = str(first + 2) if len(made) > first + 2 else None
        return 200, analytics_page(*made[first : first + 2], more=more)

    def _rows(
        self, path: str, groups: list[str], width: str, start: datetime, end: datetime
    ) -> list[dict[str, Any]]:
        sums: dict[tuple[str, tuple[tuple[str, str], ...]], Decimal] = {}
        requests: Counter[object] = Counter()
        for hour, key, tier, speed, cents in USED:
            at = hour if width == "1h" else f"{hour[:10]}T00"
            if not start <= datetime.fromisoformat(at).replace(tzinfo=UTC) < end:
                continue
            keys = {
                "api_key_id": key,
                "workspace_id": "wrkspc_1",
                "model": "claude-opus-4-8",
                "service_tier": tier,
                "context_window": "0-200k",
                "speed": speed,
                "inference_geo": "global",
                "cost_type": "tokens",
                "token_type": "output_tokens",
            }
            group = at, tuple((name, keys[name]) for name in groups)
            sums[group] = sums.get(group, Decimal()) + Decimal(cents)
            requests[group] += 1
        if path.endswith("/usage"):
            return [
                usage_row(group[0], int(cents * 1000), dict(group[1]), requests=requests[group])
                for group, cents in sums.items()
            ]
        hours = 1 if width == "1h" else 24
        largest_first = sorted(sums.items(), key=lambda pair: -pair[1])
        return [cost_row(at, str(n), dict(keys), hours) for (at, keys), n in largest_first]

    def _legacy(self, path: str) -> Answer:
        if path in self.refused:
            return self.refused[path], error("not for you")
        return 200, page(*(anthropic_bucket(day) for day in range(1, 5)))


@pytest.fixture
def analytics(api: Api) -> Analytics:
    api.respond = Analytics()
    return api.respond


COST, USAGE = (f"/v1/organizations/analytics/{name}" for name in ("cost", "usage"))


def test_money_by_key_and_hour_is_asked_for_first(
    api: Api, analytics: Analytics, pulled: Pulled
) -> None:
    source = bill("anthropic", api.url)
    objects = pulled.run(source)
    assert {path for path, _, _ in api.asked} == {COST, USAGE}
    assert pulled.notes == []
    for _, query, headers in api.asked:
        asked = dict(query)
        assert headers["anthropic-beta"] == BETA
        assert asked["limit"] == "1000"
        assert asked["starting_at"] == "2026-10-01T00:00:00Z"
        assert asked["ending_at"] == "2026-10-05T00:00:00Z"
    parsed = dict(anthropic.read_bill(objects, source))
    finest = max((row["grouping"] for row in rows(parsed, "charges")), key=len)
    money = {
        (row["credential_id"], row["service_tier"], row["region"]): row[
            "billed_cost_in_billing_currency"
        ]
        for row in rows(parsed, "charges")
        if row["grouping"] == finest and row["bucket_start"].day < 4
    }
    assert money == {
        ("apikey_a", "standard", "global"): Decimal("0.125"),
        ("apikey_a", "fast", "global"): Decimal("0.25"),
        ("apikey_b", "batch", "global"): Decimal("0.003456789"),
    }
    usage = rows(parsed, "provider_usage")
    assert {
        (row["service_tier"], row["quantity"])
        for row in usage
        if row["credential_id"] == "apikey_a" and "service_tier" in row["grouping"]
    } == {("standard", 12500), ("fast", 25000)}
    totals = [row for row in rows(parsed, "charges") if row["grouping"] == ""]
    assert sum(row["billed_cost_in_billing_currency"] for row in totals) == Decimal("1.378456789")


def test_a_call_has_no_more_than_a_month(api: Api, analytics: Analytics, pulled: Pulled) -> None:
    pull(
        bill("anthropic", api.url), KEY, open_storage(str(pulled.folder)),
        date(2026, 8, 1), date(2026, 10, 5), clock=lambda: datetime(2026, 10, 5, 3, tzinfo=UTC),
    )  # fmt: skip
    spans = {(dict(q)["starting_at"][:10], dict(q)["ending_at"][:10]) for _, q, _ in api.asked}
    assert spans == {
        ("2026-08-01", "2026-09-01"), ("2026-09-01", "2026-10-01"), ("2026-10-01", "2026-10-05")
    }  # fmt: skip
    assert sum(
        row["billed_cost_in_billing_currency"]
        for row in rows(dict(anthropic.read_bill(pulled.objects(), bill("anthropic"))), "charges")
        if row["grouping"] == ""
    ) == Decimal("1.378456789")


def test_days_that_the_new_report_does_not_have_are_asked_of_the_legacy_one(
    api: Api, analytics: Analytics, pulled: Pulled
) -> None:
    def respond(path: str, query: Query) -> Answer:
        if "/analytics/" in path:
            return 200, analytics_page()
        days = range((date(2026, 1, 1) - date(2025, 12, 1)).days)
        return 200, page(
            *(
                anthropic_bucket(1).replace("2026-10-01", f"2025-12-{d + 1:02}")
                .replace("2026-10-02", str(date(2025, 12, 2) + timedelta(days=d)))
                for d in days
            )
        )  # fmt: skip

    api.respond = respond
    pull(
        bill("anthropic", api.url), KEY, open_storage(str(pulled.folder)),
        date(2025, 12, 1), date(2026, 1, 3), clock=lambda: datetime(2026, 1, 3, tzinfo=UTC),
    )  # fmt: skip
    spans = {
        ("analytics" in path, dict(q)["starting_at"][:10], dict(q)["ending_at"][:10])
        for path, q, _ in api.asked
    }
    assert spans == {(True, "2026-01-01", "2026-01-03"), (False, "2025-12-01", "2026-01-01")}
    buckets = rows(dict(anthropic.read_bill(pulled.objects(), bill("anthropic"))), "bill_buckets")
    hours = {row["bucket_start"] for row in buckets if row["report"] == "analytics_cost"}
    assert (min(hours).day, len(hours)) == (1, 48)


@pytest.mark.parametrize("status", [403, 404, 400])
def test_a_refused_new_report_falls_back_to_the_legacy_one_and_is_told(
    api: Api, analytics: Analytics, pulled: Pulled, status: int
) -> None:
    analytics.refused = {COST: status, USAGE: status}
    objects = pulled.run(bill("anthropic", api.url))
    assert [name.partition("/")[2] for name in objects] == [
        "cost_report-0001.json", "pull.json", "usage_messages-0001.json"
    ]  # fmt: skip
    assert len(pulled.notes) == 2
    assert all(note.startswith("bill anthropic_bill: http://") for note in pulled.notes)
    assert "cost_report was pulled instead, the legacy report" in pulled.notes[0]


def test_what_only_says_more_may_be_missing(api: Api, analytics: Analytics, pulled: Pulled) -> None:
    analytics.refused = {"speed": 400, USAGE: 404}
    objects = pulled.run(bill("anthropic", api.url))
    told = " ".join(pulled.notes)
    assert "analytics_cost_by_speed is missing, which only says more" in told
    assert "usage_messages was pulled instead" in told
    parsed = dict(anthropic.read_bill(objects, bill("anthropic")))
    assert {row["report"] for row in rows(parsed, "bill_buckets")} == {
        "analytics_cost", "usage_messages"
    }  # fmt: skip


def test_a_legacy_report_that_does_not_know_speed_is_asked_without(
    api: Api, analytics: Analytics, pulled: Pulled
) -> None:
    """A server may refuse the header of the beta, too."""
    analytics.refused = {COST: 404, USAGE: 404}

    def respond(path: str, query: Query) -> Answer:
        if "/analytics/" not in path and "anthropic-beta" in api.asked[-1][2]:
            return 400, error("unexpected value for the anthropic-beta header")
        return analytics(path, query)

    api.respond = respond
    objects = pulled.run(bill("anthropic", api.url))
    [marker] = [json.loads(data) for name, data in objects.items() if name.endswith("pull.json")]
    assert {("speed" in report["group_by"]) for report in marker["reports"]} == {False}
    asked = [query for path, query, _ in api.asked if path.endswith("/cost_report")]
    assert [("group_by[]", "speed") in query for query in asked] == [True, False]


def test_a_key_without_rights_is_no_reason_to_ask_for_less(
    api: Api, analytics: Analytics, pulled: Pulled
) -> None:
    analytics.refused = {COST: 401}
    with pytest.raises(SourceError, match="HTTP 401"):
        pulled.run(bill("anthropic", api.url))
    analytics.refused = dict.fromkeys((COST, USAGE, "/v1/organizations/cost_report"), 403)
    with pytest.raises(SourceError, match="cost_report answered HTTP 403"):
        pulled.run(bill("anthropic", api.url))


def test_a_promise_that_is_not_kept_is_no_pull(api: Api, pulled: Pulled) -> None:
    def respond(path: str, query: Query) -> Answer:
        if ("page", "x") in query:
            return 500, b""
        return 200, analytics_page(cost_row("2026-10-01T10", "5"), more="x")

    api.respond = respond
    with pytest.raises(SourceError, match="HTTP 500"):
        pulled.run(bill("anthropic", api.url))
    assert not any(name.endswith("pull.json") for name in pulled.objects())


def test_rows_of_other_days_are_no_answer(api: Api, pulled: Pulled) -> None:
    api.respond = lambda path, query: (200, analytics_page(cost_row("2026-11-01T10", "5")))
    with pytest.raises(SourceError, match="answered with other days than 2026-10-01"):
        pulled.run(bill("anthropic", api.url))


def test_the_marker_lists_every_query(api: Api, analytics: Analytics, pulled: Pulled) -> None:
    objects = pulled.run(bill("anthropic", api.url))
    [marker] = [json.loads(data) for name, data in objects.items() if name.endswith("pull.json")]
    listed = [(report["report"], len(report["group_by"])) for report in marker["reports"]]
    assert listed == [
        ("analytics_cost", 7), ("analytics_cost", 7), ("analytics_cost", 0),
        ("analytics_usage", 5), ("analytics_usage", 5),
    ]  # fmt: skip
    assert urlsplit(api.url).netloc not in json.dumps(marker)
