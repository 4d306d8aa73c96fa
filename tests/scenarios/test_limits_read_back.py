"""Limits that are asked of three APIs, beside what budgets.csv says of the same."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from ingestion.workspace.settings import load_workspace
from orchestration.assets.limit_pulls import pull_limits, silent_limits
from orchestration.checks.controls import controls
from orchestration.running import last_run
from tests.ingestion.bills.cost_api import Api, error
from tests.ingestion.limit_apis import LimitApis
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, log, write_company

KEY: Final = "sk-reads-limits-0123456789"
BUDGETS: Final = """\
scope,scope_id,unit,expected,budget,soft_percent,hard_percent,environment,valid_from,valid_to
credential,k-wanted,usd,25,,,,,,
credential,k-other,usd,25,,,,,,
credential,k-missing,usd,25,,,,,,
credential,k-alert,usd,25,,,none,,,
sub_account,p-wanted,usd,25,,,,,,
sub_account,p-other,usd,25,,,,,,
sub_account,p-missing,usd,25,,,,,,
sub_account,w-wanted,usd,25,,,,,,
sub_account,w-other,usd,25,,,,,,
sub_account,w-missing,usd,25,,,,,,
"""
SETTINGS: Final = """\
company: Limits
gateways:
  - {name: proxy, format: generic, location: logs/proxy,
     columns: {gateway_key_alias: key, sub_account_hint: project}}
  - {name: llm, format: litellm, location: logs/llm, API}
bills:
  - {name: openai, format: openai, account: org-o, location: openai, API}
  - {name: claude, format: anthropic, account: org-a, location: claude, API}
"""


def calls() -> Iterator[dict[str, Any]]:
    for name in ("wanted", "other", "missing"):
        for place, provider in (("p", "openai"), ("w", "anthropic")):
            at, project = "2026-10-05T10:00:00Z", f"{place}-{name}"
            yield call(at, "gpt-4o", 5, key=f"k-{name}", provider=provider, project=project)


@pytest.fixture
def apis(monkeypatch: pytest.MonkeyPatch) -> Iterator[LimitApis]:
    monkeypatch.setenv("LIMITS_KEY", KEY)
    api = Api()
    apis = LimitApis(api)
    month = {"budget_duration": "1mo"}
    apis.keys = [
        {"token": "h1", "key_alias": "k-wanted", "max_budget": 30.0, **month},
        {"token": "h2", "key_alias": "k-other", "max_budget": 31.0, **month},
        {"token": "h3", "key_alias": "k-alert", "soft_budget": 20.0},
    ]
    apis.projects = {"p-wanted": (3000, []), "p-other": (3100, []), "p-missing": (None, [2000])}
    apis.workspaces = {"w-wanted": 3000, "w-other": 3100}
    yield apis
    api.server.shutdown()
    api.server.server_close()


def company_of(project: CompiledProject, folder: Path, url: str) -> Company:
    """Asks, and builds what came of it."""
    api = f'limits_api: {{base_url: "{url}", key: env:LIMITS_KEY}}'
    files = {
        "logs/proxy/requests.jsonl": log(calls()),
        **{f"{name}/.keep": "" for name in ("logs/llm", "openai", "claude")},
        "reference/budgets.csv": BUDGETS,
    }
    write_company(folder, files, SETTINGS.replace("API", api))
    pull_limits(load_workspace(folder))
    return Company(project, folder)


def rows(company: Company, column: str) -> list[str]:
    found = company.query(
        f"select scope_id from mart_control_coverage where {column} order by scope, scope_id"
    )
    return [name for (name,) in found]


def test_what_stands_is_compared_with_what_was_wanted(
    project: CompiledProject, tmp_path: Path, apis: LimitApis
) -> None:
    company = company_of(project, tmp_path / "company", apis.url)
    assert rows(company, "is_not_standing") == [
        *("k-missing", "k-other", "p-missing", "p-other", "w-missing", "w-other"),
    ]
    assert rows(company, "is_not_known") == []
    found = controls(company.connection, "USD")
    assert "credential k-other (30.00 USD, 31.00 USD stands)" in found["limits_stand"]
    assert "sub_account p-missing (30.00 USD);" in found["limits_stand"]
    assert found["limits_are_known"] == ""
    assert "credential k-alert" in found["keys_have_hard_limits"]


@pytest.mark.parametrize("status", [401, 429, 500])
def test_what_does_not_answer_is_not_known_and_not_unset(
    project: CompiledProject,
    tmp_path: Path,
    apis: LimitApis,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    monkeypatch.setattr("ingestion.pulling.fetching._wait", lambda state: 0.0)
    apis.fails = {
        "/key/list": (status, error(f"key {KEY}"), {"Retry-After": "0"}),
        "/v1/organization/projects/p-other/spend_limit": (status, b"", {"Retry-After": "0"}),
    }
    folder = tmp_path / "company"
    company = company_of(project, folder, apis.url)
    assert rows(company, "is_not_known") == [
        *("k-missing", "k-other", "k-wanted", "p-missing", "p-other", "p-wanted"),
    ]
    # Anthropic answered
    assert rows(company, "is_not_standing") == ["w-missing", "w-other"]
    found = controls(company.connection, "USD")
    # a limit of k-alert may stand
    assert found["keys_have_hard_limits"] == ""
    assert found["limits_are_known"].startswith(
        "limits of budgets.csv of which is not known whether they stand: credential k-missing ("
    )
    said = pull_limits(load_workspace(folder))
    assert [each.partition(": ")[0] for each in said] == ["limits of llm", "limits of openai"]
    assert all(f"HTTP {status}" in each and "not known" in each for each in said)
    assert KEY not in "".join(said)
    assert silent_limits(load_workspace(folder)) == [
        each.removesuffix("; whether its limits stand is not known") for each in said
    ]


def test_without_a_key_the_variable_is_named(
    project: CompiledProject, tmp_path: Path, apis: LimitApis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMITS_KEY", " ")
    company = company_of(project, tmp_path / "company", apis.url)
    workspace = load_workspace(company.folder)
    assert all(
        "environment variable LIMITS_KEY is not set" in each for each in pull_limits(workspace)
    )
    assert (rows(company, "is_not_standing"), apis.asked) == ([], [])
    assert silent_limits(workspace) == []


def test_limits_are_asked_for_by_every_run(
    tmp_path: Path, apis: LimitApis, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = f'limits_api: {{base_url: "{apis.url}", key: env:LIMITS_KEY}}'
    folder = write_company(tmp_path / "company", {}, SETTINGS.replace("API", api))
    ended = datetime(2026, 11, 5, tzinfo=UTC).isoformat()
    monkeypatch.setattr(last_run, "last_run", lambda _: last_run.LastRun(ended, {}, {}))
    assert last_run.news(load_workspace(folder))[0] == "limits of llm, which are asked for"
