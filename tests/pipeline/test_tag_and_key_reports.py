"""Reports by tag and by team that users of gateways found wrong, with the figures they gave."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from compiled_project import CompiledProject
from workspaces import write_files

from ingestion.workspace.settings import Workspace
from tests.scenarios.companies import Company, OwnCompany

START = datetime(2026, 2, 1, tzinfo=UTC)
# BerriAI/litellm#21894: spend as all users see it, and as the view by tag sums it
GLOBAL, BY_TAG = Decimal("5634.68"), Decimal("9436.18")
SETTINGS = """\
company: Acme
gateways:
  - {name: proxy, format: litellm, location: logs}
bills:
  - {name: openai, format: openai, account: org-acme, location: bills}
"""
# (day, tags, team of the key, what the provider billed)
Call = tuple[int, list[str], str, Decimal]
CALLS: list[Call] = [
    (0, ["feature:chat"], "growth", Decimal("1833.18")),
    (1, ["feature:search", "team:growth"], "growth", Decimal("2000.00")),
    (2, ["feature:chat", "feature:search"], "support", Decimal("1801.50")),
]


def record(number: int, call: Call) -> str:
    day, tags, team, _ = call
    started = (START + timedelta(days=day, hours=10)).timestamp()
    return json.dumps(
        {
            "id": f"chatcmpl-{number}",
            "litellm_call_id": f"call-{number}",
            "startTime": started,
            "endTime": started + 1,
            "status": "success",
            "custom_llm_provider": "openai",
            "model": "openai/gpt-4o",
            "prompt_tokens": 1000,
            "completion_tokens": 0,
            "total_tokens": 1000,
            "request_tags": tags,
            "metadata": {
                "user_api_key_alias": f"{team}-prod",
                "user_api_key_hash": f"hash-{team}",
                "usage_object": {"prompt_tokens": 1000, "total_tokens": 1000},
            },
        }
    )


def page(calls: Iterable[Call]) -> str:
    buckets = []
    for day, _, _, amount in calls:
        start = int((START + timedelta(days=day)).timestamp())
        buckets.append(
            f'{{"object":"bucket","start_time":{start},"end_time":{start + 86400},"results":['
            '{"object":"organization.costs.result","amount":'
            f'{{"value":{amount},"currency":"usd"}},"line_item":"gpt-4o-2024-08-06, input",'
            '"project_id":"p","api_key_id":"k","quantity":1000,"quantity_unit":"tokens"}]}'
        )
    data = ",".join(buckets)
    return f'{{"object":"page","data":[{data}],"has_more":false,"next_page":null}}'


@pytest.fixture
def acme(compiled: Callable[[Workspace], CompiledProject], tmp_path: Path) -> Company:
    teams = "team_id,team_name,cost_center,business_unit,owner_email,valid_from,valid_to\n"
    teams += "".join(f"{team},{team},CC-{team},,,,\n" for team in ("growth", "support"))
    write_files(
        tmp_path,
        {
            "tollbook.yaml": SETTINGS,
            "logs/a.jsonl": "\n".join(record(*numbered) for numbered in enumerate(CALLS)),
            "bills/costs.json": page(CALLS),
            "reference/teams.csv": teams,
            "reference/credentials.csv": credentials("", ""),
        },
    )
    return OwnCompany(compiled, tmp_path)


def credentials(valid_to: str, *more: str) -> str:
    lines = [
        "source,credential_id,team_id,feature,environment,valid_from,valid_to",
        f"proxy,growth-prod,growth,,,,{valid_to}",
        f"proxy,support-prod,support,,,,{valid_to}",
        *filter(None, more),
    ]
    return "\n".join(lines) + "\n"


def totals(company: Company, relation: str, owner: str) -> dict[str, Decimal]:
    return dict(company.query(f"select {owner}, sum(billed_cost) from {relation} group by 1"))


def test_a_request_with_many_tags_is_counted_once(acme: Company) -> None:
    """BerriAI/litellm#21894: its view by tag has a row per tag, each with the full spend."""
    assert sum(amount for *_, amount in CALLS) == GLOBAL
    assert sum(amount * len(tags) for _, tags, _, amount in CALLS) == BY_TAG
    for owner in ("feature", "team", "tier", "environment", "plan"):
        assert sum(totals(acme, "fct_cost_daily", owner).values()) == GLOBAL, owner
        assert sum(totals(acme, "mart_showback_monthly", owner).values()) == GLOBAL, owner
    for owner in ("feature", "team", "tier"):
        assert sum(totals(acme, f"fct_{owner}_cost_daily", owner).values()) == GLOBAL, owner
    assert totals(acme, "fct_feature_cost_daily", "feature") == {
        # of two features the first has it
        "chat": Decimal("3634.68"),
        "search": Decimal("2000.00"),
    }
    [(requests,)] = acme.query("select sum(requests) from fct_feature_cost_daily")
    assert requests == len(CALLS)


def test_a_deleted_key_keeps_its_team(acme: Company) -> None:
    """BerriAI/litellm#25710: a deleted key's spend lost its team on every earlier row."""
    by_team = totals(acme, "fct_team_cost_daily", "team")
    assert by_team == {"growth": Decimal("3833.18"), "support": Decimal("1801.50")}
    charged = acme.query(CHARGED)
    assert [row[:2] for row in charged] == [("growth", "CC-growth"), ("support", "CC-support")]

    # deleted on the fourth, and its name given to another team since
    reused = "proxy,growth-prod,support,,,2026-02-04,"
    write_files(acme.folder, {"reference/credentials.csv": credentials("2026-02-04", reused)})
    late = (3, ["feature:chat"], "growth", Decimal("10.00"))
    write_files(
        acme.folder,
        {"logs/b.jsonl": record(3, late), "bills/costs.json": page([*CALLS, late])},
    )
    acme.build()
    assert totals(acme, "fct_team_cost_daily", "team") == {
        "growth": Decimal("3833.18"),
        "support": Decimal("1811.50"),
    }
    assert acme.query(CHARGED)[0] == charged[0]


CHARGED = (
    "select team, cost_center, sum(total_cost) from mart_chargeback_monthly group by all"
    " having sum(total_cost) <> 0 order by team"
)
