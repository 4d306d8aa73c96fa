"""What coding agents write of themselves, through the whole pipeline: each call is one request."""

from collections.abc import Callable
from pathlib import Path

from ingestion.workspace.settings import Workspace
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, write_company

GATEWAYS = Path(__file__).parents[1] / "ingestion" / "gateways" / "fixtures"
FIXTURES, CODEX = GATEWAYS / "claude_code", GATEWAYS / "codex"
SETTINGS = """\
company: Agents
gateways:
  - {name: events, format: claude_code, location: events}
  - {name: sessions, format: claude_code, location: projects}
attribution:
  feature: [metadata:gitbranch]
"""
SESSION = (FIXTURES / "session.jsonl").read_text()
TRANSCRIPTS = {
    "projects/shop/5e55-main.jsonl": SESSION,
    # forked: the lines of the older session again
    "projects/shop/5e55-fork.jsonl": SESSION.replace("5e55-main", "5e55-fork"),
    "projects/shop/5e55-main/subagents/agent-a7dd.jsonl": (
        FIXTURES / "agent-a7dd.jsonl"
    ).read_text(),
}


def test_events_transcripts_and_a_forked_session_tell_a_call_once(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    events = {"events/2026-06-01.jsonl": (FIXTURES / "events.jsonl").read_text()}
    company = OwnCompany(compiled, write_company(tmp_path, events | TRANSCRIPTS, SETTINGS))
    found = company.query(
        "select provider_request_id, source, observed_also_in, agent, run_id, feature,"
        " output_quantity from fct_requests"
        " where provider_request_id in ('req_01Main', 'req_01Sub', 'req_01Cut')"
        " order by provider_request_id"
    )
    assert found == [
        ("req_01Cut", "events", "sessions", None, "5e55-main", "feat/search", None),
        ("req_01Main", "events", "sessions", None, "5e55-main", "feat/search", 450),
        ("req_01Sub", "events", "sessions", "Explore", "5e55-main", "feat/search", 60),
    ]
    # beside them: an event without an id, two that failed, and two failures of transcripts
    assert company.value("select count(*) from fct_requests") == 3 + 1 + 2 + 2


def test_events_and_rollouts_of_codex_tell_a_call_once(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    """A sub-agent's rollout has the counts of the main session again."""
    rollouts = {
        f"projects/2026/06/01/{name}.jsonl": (CODEX / f"{name}.jsonl").read_text()
        for name in ("rollout-main", "rollout-subagent")
    }
    events = {"events/2026-06-01.jsonl": (CODEX / "events.jsonl").read_text()}
    settings = SETTINGS.replace("claude_code", "codex").replace("gitbranch", "git.branch")
    company = OwnCompany(compiled, write_company(tmp_path, events | rollouts, settings))
    found = company.query(
        "select source, observed_also_in, agent, run_id, feature, input_quantity, output_quantity"
        " from fct_requests where output_quantity > 0 order by started_at"
    )
    assert found == [
        ("events", "sessions", None, "0199-main", "feat/search", 1000, 450),
        ("events", "sessions", None, "0199-main", "feat/search", 1200, 80),
        ("sessions", None, None, "0199-main", "feat/search", 4000, 100),
        ("sessions", None, "explorer", "0199-main", "feat/search", 500, 60),
        ("sessions", None, "explorer", "0199-main", "feat/search", 100, 30),
    ]
    # beside them of the events: a try that failed, and three whose use is unknown
    assert company.value("select count(*) from fct_requests") == 5 + 4
