"""budgets.csv, and the answers of limits' APIs that are saved beside it."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.reference.files import ReferenceError, read_reference
from ingestion.workspace.settings import load_workspace

HEADER = (
    "scope,scope_id,unit,expected,budget,soft_percent,hard_percent,environment,valid_from,valid_to"
)
SETTINGS = """\
company: Budgets
gateways:
  - {name: llm, format: litellm, location: logs}
bills:
  - {name: openai, format: openai, account: org, location: openai}
  - {name: claude, format: anthropic, account: org-a, location: claude}
"""


def read(folder: Path, *lines: str, settings: str = SETTINGS, **answers: Any) -> Any:
    reference = folder / "reference"
    reference.mkdir(exist_ok=True)
    (folder / "tollbook.yaml").write_text(settings)
    (reference / "budgets.csv").write_text("\n".join([HEADER, *lines, ""]))
    for name, said in answers.items():
        file = reference / "limits" / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(said if isinstance(said, str) else json.dumps(said))
    return read_reference(load_workspace(folder))


def problems(folder: Path, *lines: str, **others: Any) -> list[str]:
    with pytest.raises(ReferenceError) as caught:
        read(folder, *lines, **others)
    return [each.removeprefix(f"{folder / 'reference'}/") for each in str(caught.value).split("\n")]


def test_percents_have_defaults_and_none_is_no_limit(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        "company,,,15000,15000,,,,,",
        "team,legal,usd,12500,15000,80 %,none,prod,2026-10-01,2026-11-01",
        "user,*,tokens,100000,,90,100,,,",
    )["budgets"].to_pylist()
    assert [
        (row["scope"], row["unit"], row["soft_percent"], row["hard_percent"]) for row in rows
    ] == [("company", "usd", 80, 120), ("team", "usd", 80, None), ("user", "tokens", 90, 100)]


def test_every_wrong_cell_is_told_with_its_line_and_column(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        "group,hr,usd,5,,,,,,",
        "company,hr,usd,5,,,,,,",
        "team,,usd,5,,,,,,",
        "user,,usd,5,,,,,,",
        "team,*,usd,5,,,,,,",
        "user,u-*,usd,5,,,,,,",
        "team,__unallocated__,usd,5,,,,,,",
        "team,hr,dollars,5,,,,,,",
        "team,hr,eur,5,,,,,,",
        "team,hr,usd,0,,,,,,",
        "team,hr,usd,,15,,,,,",
        "team,hr,usd,5,-1,,,,,",
        "team,hr,usd,5,,130,120,,,",
        "team,hr,usd,5,,0,,,,",
        "team,hr,usd,5,,,unlimited,,,",
        "team,it,usd,5,,,,,,",
        "team,it,usd,6,,,,,2026-10-01,",
        "team,IT,tokens,6,,,,,2026-10-01,",
    )
    assert [line.removeprefix("budgets.csv:")[:74] for line in told] == [
        "2: scope: `group` is not one of company, feature, team, tier, plan, user, ",
        "3: scope_id: `hr`: the company is everybody, leave it empty",
        "4: scope_id: is empty: say which team",
        "5: scope_id: is empty: say which user, `*` for each of them",
        "6: scope_id: `*`: a budget is one team's: write its name",
        "7: scope_id: `u-*`: a budget is one user's: write its name",
        "8: scope_id: `__unallocated__` is nobody, whom no limit can stop",
        "9: unit: `dollars` is not one of usd, tokens, requests, gpu_seconds",
        "10: unit: `eur` is not the workspace's `currency: USD`: write usd or one o",
        "11: expected: `0` is not above 0: say what a month is expected to take",
        "12: expected: is empty: give a value",
        "13: budget: `-1` is negative: a cost is 0 or more",
        "14: soft_percent: `130` is above hard_percent, 120: a warning after the li",
        "15: soft_percent: `0` is not none or a percent above 0, to 1000",
        "16: hard_percent: `unlimited` is not a number like 1234.56: no thousands s",
        "18: scope: `team, it, usd` ties with line 17 (`team, it, usd`) in an overl",
        "19: scope_id: `IT` is `it` of line 17 in another case, and spellings that ",
    ]


def test_a_workspace_in_euros_has_budgets_in_euros(tmp_path: Path) -> None:
    settings = f"{SETTINGS}currency: EUR\n"
    assert read(tmp_path, "company,,EUR,5,,,,,,", settings=settings)["budgets"][
        "unit"
    ].to_pylist() == ["eur"]
    assert problems(tmp_path, "company,,,5,,,,,,", settings=settings) == [
        "budgets.csv:2: unit: `usd` is not the workspace's `currency: EUR`: write eur or one of"
        " tokens, requests, gpu_seconds"
    ]


def test_limits_that_stand_are_read_of_three_apis(tmp_path: Path) -> None:
    days: dict[str, Any] = {"max_budget": 12.5, "budget_duration": "30d"}
    key = {"token": "h1", "key_alias": "ci", **days, "budget_reset_at": "2026-12-01T00:00:00Z"}
    daily = {"token": "h2", "max_budget": 1, "budget_duration": "1d"}
    thirty_days = {"token": "h3", **days, "budget_reset_at": "2026-12-17T09:00:00Z"}
    of_a_budget = {"token": "h4", "budget_id": "b"}
    answers: dict[str, Any] = {
        "llm/keys": {"keys": [key, daily, thirty_days, of_a_budget]},
        "llm/budgets": [{"budget_id": "b", "max_budget": 4, "budget_duration": "1mo"}],
        "llm/team": {"team_id": "t", "team_alias": "Team", "soft_budget": 3, "max_budget": None},
        "openai/organization/spend_limit": {"threshold_amount": 500000},
        "openai/organization/projects/proj_1/spend_alerts": {
            "data": [{"threshold_amount": 900}, {"threshold_amount": 700}]
        },
        "openai/organization/projects/proj_2/spend_alerts": {"data": []},
        "claude/spend_limits": {
            "data": [
                {"amount": amount, "period": period, "scope": scope, "is_enabled": enabled}
                for amount, period, enabled, scope in (
                    ("50000", "monthly", True, {"type": "organization"}),
                    ("700", "monthly", True, {"type": "workspace", "workspace_id": "wrkspc_1"}),
                    ("7", "daily", True, {"type": "workspace", "workspace_id": "wrkspc_1"}),
                    ("9", "monthly", True, {"type": "usage_tier"}),
                    ("5", "monthly", False, {"type": "workspace", "workspace_id": "wrkspc_2"}),
                    (None, "monthly", True, {"type": "user", "user_id": "user_1"}),
                )
            ]
        },
    }
    rows = read(tmp_path, **answers)["standing_limits"].to_pylist()
    found = [tuple(row.values())[:-1] for row in rows if row["scope"] != "source"]
    none = None
    assert found == [
        ("claude", "provider", "anthropic", "provider", "anthropic", none, none, 500),
        ("claude", "provider", "anthropic", "sub_account", "wrkspc_1", none, none, 7),
        ("claude", "provider", "anthropic", "user", "user_1", none, none, none),
        ("llm", "gateway", none, "credential", "h1", "ci", none, Decimal("12.5")),
        ("llm", "gateway", none, "credential", "h2", none, none, none),
        ("llm", "gateway", none, "credential", "h3", none, none, none),
        ("llm", "gateway", none, "credential", "h4", none, none, 4),
        ("llm", "gateway", none, "team", "t", "Team", 3, none),
        ("openai", "provider", "openai", "provider", "openai", none, none, 5000),
        ("openai", "provider", "openai", "sub_account", "proj_1", none, 7, none),
        ("openai", "provider", "openai", "sub_account", "proj_2", none, none, none),
    ]
    assert [row["source"] for row in rows if row["scope"] == "source"] == [
        "claude",
        "llm",
        "openai",
    ]


def test_what_is_no_answer_is_told_by_its_file(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        **{
            "llm/keys": "{",
            "openai/limit": {"error": {"message": "sk-never"}},
            "claude/limits": {"data": [{"scope": {}}]},
            "other/keys": {},
        },
    )
    assert [line.partition(": ")[0] for line in told] == [
        *("limits/claude/limits.json", "limits/llm/keys.json", "limits/openai/limit.json"),
        "limits/other/keys.json",
    ]
    assert told[3] == (
        "limits/other/keys.json: `other` is no gateway or bill whose limits are read: known are"
        " claude, llm, openai"
    )
    assert "never" not in "".join(told)
