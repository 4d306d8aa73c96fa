"""Limits that stand, asked of APIs that answer as documented, or misbehave."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.records import SourceError
from ingestion.reference.files import ReferenceError, read_reference
from ingestion.reference.limits.pulling import ask_limits, save_limits, save_not_known
from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import Workspace, WorkspaceError, load_workspace
from ingestion.workspace.sources import Bill, Gateway
from tests.ingestion.bills.cost_api import Answer, Api, error
from tests.ingestion.limit_apis import LimitApis

KEY = "sk-reads-limits-0123456789"
FIRST = {
    "llm": "/budget/list",
    "openai": "/v1/organization/spend_alerts",
    "claude": "/v1/organizations/spend_limits",
}


@pytest.fixture
def apis() -> Iterator[LimitApis]:
    api = Api()
    yield LimitApis(api)
    api.server.shutdown()
    api.server.server_close()


def workspace_of(folder: Path, url: str, more: str = "") -> Workspace:
    api = f'limits_api: {{base_url: "{url}", key: env:LIMITS_KEY{more}}}'
    (folder / "tollbook.yaml").write_text(
        f"""company: Limits
gateways:
  - {{name: llm, format: litellm, location: logs, {api}}}
bills:
  - {{name: openai, format: openai, account: org, location: openai, {api}}}
  - {{name: claude, format: anthropic, account: org-a, location: claude, {api}}}
"""
    )
    return load_workspace(folder)


def source_of(workspace: Workspace, name: str) -> Gateway | Bill:
    [source] = [each for each in (*workspace.gateways, *workspace.bills) if each.name == name]
    return source


def pull(workspace: Workspace, name: str) -> list[tuple[Any, ...]]:
    """Asks, saves and reads: scope, id, alias, soft and hard limit of each that stands."""
    said = ask_limits(source_of(workspace, name), KEY, sleep=lambda _: None)
    save_limits(open_storage(workspace.reference), name, said)
    return standing(workspace, name)


def standing(workspace: Workspace, name: str) -> list[tuple[Any, ...]]:
    rows = read_reference(workspace)["standing_limits"].to_pylist()
    columns = ("scope", "scope_id", "alias", "soft_limit", "hard_limit")
    return [
        tuple(row[column] for column in columns)
        for row in rows
        if row["source"] == name and row["scope"] != "source"
    ]


def why(workspace: Workspace, name: str) -> str | None:
    rows = read_reference(workspace)["standing_limits"].to_pylist()
    [row] = [row for row in rows if row["source"] == name and row["scope"] == "source"]
    return row["not_known_because"]


def test_keys_teams_and_the_budgets_that_they_name_are_asked_of_litellm(
    tmp_path: Path, apis: LimitApis
) -> None:
    apis.keys = [
        {"token": "h1", "key_alias": "ci", "max_budget": 12.1, "budget_duration": "1mo"},
        {"token": "h2", "soft_budget": 5.0, "spend": 3.25, "user_id": "ada@example.org"},
        {"token": "h3", "budget_id": "small"},
    ]
    apis.budgets = [{"budget_id": "small", "max_budget": 7, "budget_duration": "1mo"}]
    apis.teams = [{"team_id": "t", "team_alias": "Legal", "max_budget": 9, "budget_duration": "1d"}]
    workspace = workspace_of(tmp_path, apis.url)
    found = pull(workspace, "llm")
    assert [(*row[:4], None if row[4] is None else str(row[4].normalize())) for row in found] == [
        ("credential", "h1", "ci", None, "12.1"),
        ("credential", "h2", None, 5, None),
        ("credential", "h3", None, None, "7"),
        ("team", "t", "Legal", None, None),
    ]
    assert [dict(query).get("page") for path, query, _ in apis.asked if path == "/key/list"] == [
        *(None, "2"),
    ]
    assert {headers["Authorization"] for _, _, headers in apis.asked} == {f"Bearer {KEY}"}
    # what a key has spent, and whose it is, lands nowhere
    saved = "".join(path.read_text() for path in tmp_path.rglob("pulled/*.json"))
    assert "ada" not in saved and "3.25" not in saved


def test_every_project_is_asked_of_openai(tmp_path: Path, apis: LimitApis) -> None:
    apis.organization = (500_000, [])
    apis.projects = {"p1": (96_000, [64_000, 32_000, 70_000]), "p2": (None, []), "p3": (1, [])}
    assert pull(workspace_of(tmp_path, apis.url), "openai") == [
        ("provider", "openai", None, None, 5000),
        ("sub_account", "p1", None, 320, 960),
        ("sub_account", "p2", None, None, None),
        ("sub_account", "p3", None, None, Decimal("0.01")),
    ]
    saved = "".join(path.read_text() for path in tmp_path.rglob("pulled/**/*.json"))
    assert "ada" not in saved


def test_every_page_of_limits_is_asked_of_anthropic(tmp_path: Path, apis: LimitApis) -> None:
    apis.workspaces = {f"wrkspc_{number}": 1000 * number for number in range(1, 6)}
    found = pull(workspace_of(tmp_path, apis.url), "claude")
    assert [(row[1], row[4]) for row in found] == [
        (f"wrkspc_{number}", 10 * number) for number in range(1, 6)
    ]
    assert {headers["anthropic-beta"] for _, _, headers in apis.asked} == {
        "spend-limit-reads-2026-09-26"
    }
    assert {headers["x-api-key"] for _, _, headers in apis.asked} == {KEY}


@pytest.mark.parametrize("name", FIRST)
@pytest.mark.parametrize(
    ("answer", "message", "times"),
    [
        ((401, error(f"bad key {KEY}")), r"HTTP 401 \(bad key \*\*\*\): the key must be", 1),
        ((403, b""), "HTTP 403: the key must be", 1),
        ((404, b""), "HTTP 404: check base_url", 1),
        ((400, error("no database")), r"HTTP 400 \(no database\): ", 1),
        ((429, b"", {"Retry-After": "7"}), "HTTP 429, 6 times: run again later", 6),
        ((500, b"oops"), "HTTP 500, 6 times: run again later", 6),
        ((200, b"<html>login</html>"), "answered not JSON: check base_url", 1),
        ((200, b'{"x": 1}'), "answered not a", 1),
    ],
)
def test_what_does_not_answer_is_one_sentence_by_name(
    tmp_path: Path, apis: LimitApis, name: str, answer: Answer, message: str, times: int
) -> None:
    apis.fails = {FIRST[name]: answer}
    source = source_of(workspace_of(tmp_path, apis.url), name)
    waits: list[float] = []
    with pytest.raises(SourceError, match=message) as raised:
        ask_limits(source, KEY, sleep=waits.append)
    assert str(raised.value).startswith(f"limits of {name}: ")
    assert KEY not in str(raised.value) and len(str(raised.value).splitlines()) == 1
    assert (len(apis.asked), len(waits)) == (times, times - 1)


def test_a_busy_answer_is_asked_again_as_late_as_it_says(tmp_path: Path, apis: LimitApis) -> None:
    busy: list[Answer] = [(429, b"", {"Retry-After": "7"}), (503, b"")]
    respond = apis.respond
    workspace = workspace_of(tmp_path, apis.url)
    waits: list[float] = []

    def now_and_then(path: str, query: Any) -> Answer:
        return busy.pop() if busy and path == FIRST["claude"] else respond(path, query)

    apis.workspaces = {"wrkspc_1": 100}
    apis.api.respond = now_and_then
    said = ask_limits(source_of(workspace, "claude"), KEY, sleep=waits.append)
    assert json.loads(said["spend_limits"])["data"][0]["amount"] == "100"
    assert len(waits) == 2 and waits[1] == 7


REPEATED: dict[str, tuple[str, Any]] = {
    "llm": (
        "/key/list",
        {"keys": [{"token": "h"}], "total_count": 9, "current_page": 1, "total_pages": 9},
    ),
    "openai": (
        "/v1/organization/projects",
        {"data": [{"id": "p"}], "has_more": True, "last_id": "p"},
    ),
    "claude": ("/v1/organizations/spend_limits", {"data": [], "next_page": "again"}),
}


@pytest.mark.parametrize("name", REPEATED)
def test_a_page_that_repeats_is_an_error(tmp_path: Path, apis: LimitApis, name: str) -> None:
    path, page = REPEATED[name]
    apis.projects = {"p": (None, [])}
    apis.fails = {path: (200, json.dumps(page).encode())}
    with pytest.raises(SourceError, match="gives the same page again and again"):
        ask_limits(source_of(workspace_of(tmp_path, apis.url), name), KEY)


def test_a_list_that_is_not_whole_is_an_error(tmp_path: Path, apis: LimitApis) -> None:
    """LiteLLM's pages go by number: a key that is deleted meanwhile moves all that come after."""
    page = {"keys": [{"token": "h"}], "total_count": 3, "total_pages": 1}
    apis.fails = {"/key/list": (200, json.dumps(page).encode())}
    workspace = workspace_of(tmp_path, apis.url)
    with pytest.raises(SourceError, match="counts 3 keys and lists 1"):
        ask_limits(source_of(workspace, "llm"), KEY)
    page = {"data": [{"id": "../../x"}], "has_more": False}
    apis.fails = {"/v1/organization/projects": (200, json.dumps(page).encode())}
    with pytest.raises(SourceError, match="a project without an id"):
        ask_limits(source_of(workspace, "openai"), KEY)


def test_a_pull_has_an_end(tmp_path: Path, apis: LimitApis) -> None:
    apis.workspaces = {f"wrkspc_{number}": 100 for number in range(9)}
    workspace = workspace_of(tmp_path, apis.url, ", max_pages: 2")
    with pytest.raises(SourceError, match="more than 2 pages: where that is right, raise `max_pa"):
        ask_limits(source_of(workspace, "claude"), KEY)


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda apis: apis.keys.append({"token": "h", "max_budget": "much"}), "keys is no answer"),
        (lambda apis: apis.fails.update({"/team/list": (200, b"[1]")}), "lists what is no object"),
    ],
)
def test_an_answer_that_nobody_can_read_is_not_kept(
    tmp_path: Path, apis: LimitApis, change: Callable[[LimitApis], None], hint: str
) -> None:
    change(apis)
    with pytest.raises(SourceError, match=hint):
        ask_limits(source_of(workspace_of(tmp_path, apis.url), "llm"), KEY)


def test_equal_answers_write_nothing_and_a_failure_replaces_them(
    tmp_path: Path, apis: LimitApis
) -> None:
    apis.workspaces = {"wrkspc_1": 100}
    workspace = workspace_of(tmp_path, apis.url)
    assert why(workspace, "claude") == "no run has asked for them yet"
    pull(workspace, "claude")
    file = tmp_path / "reference" / "limits" / "claude" / "pulled" / "spend_limits.json"
    before = file.stat()
    assert pull(workspace, "claude") and why(workspace, "claude") is None
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    save_not_known(open_storage(workspace.reference), "claude", "limits of claude: HTTP 500")
    assert (standing(workspace, "claude"), file.exists()) == ([], False)
    assert why(workspace, "claude") == "limits of claude: HTTP 500"
    assert pull(workspace, "claude") and why(workspace, "claude") is None


def test_what_was_saved_by_hand_is_left_out_and_told(tmp_path: Path, apis: LimitApis) -> None:
    workspace = workspace_of(tmp_path, apis.url)
    by_hand = tmp_path / "reference" / "limits" / "llm" / "keys.json"
    by_hand.parent.mkdir(parents=True)
    by_hand.write_text('{"keys": [{"token": "old", "max_budget": 1, "budget_duration": "1mo"}]}')
    assert pull(workspace, "llm") == []
    [warning] = read_reference(workspace).warnings
    assert warning.startswith("limits of llm: ") and "remove what was saved by hand" in warning
    by_hand.write_text("{")
    assert read_reference(workspace).warnings == (warning,)
    (tmp_path / "reference" / "limits" / "llm" / "pulled" / "keys.json").write_text("{")
    with pytest.raises(ReferenceError, match="is no answer of litellm's limits"):
        read_reference(workspace)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            "format: generic, location: x, limits_api: {base_url: 'https://x.y', key: env:K}",
            "limit",
        ),
        ("format: litellm, location: x, limits_api: {base_url: 'https://x.y'}", "needs `key`"),
        ("format: litellm, location: x, limits_api: {key: env:K}", "needs `base_url`"),
        (
            f"format: litellm, location: x, limits_api: {{base_url: 'https://x.y', key: {KEY}}}",
            "`key` must be `env:NAME`",
        ),
        (
            "format: litellm, location: x, limits_api: {base_url: 'https://x.y', key: env:K, a: b}",
            "unknown key `a`",
        ),
    ],
)
def test_an_entry_that_cannot_be(tmp_path: Path, entry: str, problem: str) -> None:
    file = tmp_path / "tollbook.yaml"
    file.write_text(f"company: acme\ngateways:\n  - {{name: llm, {entry}}}\n")
    with pytest.raises(WorkspaceError) as refusal:
        load_workspace(tmp_path)
    assert problem in str(refusal.value) and KEY not in str(refusal.value)
