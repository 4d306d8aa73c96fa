"""API Management's two logs lie in two objects: who called is of the call that was counted."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingestion.workspace.settings import Workspace
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, write_company

SETTINGS = """\
company: API Management
gateways:
  - {name: apim, format: azure_apim, location: logs}
attribution:
  team: [metadata:apimsubscriptionid]
  feature: [header:x-feature]
"""
OWNERS = "select request_id, team, feature, status from fct_requests order by all"


def record(call: str, category: str, time: str, **properties: Any) -> str:
    return json.dumps(
        {
            "time": f"2026-10-05T{time}Z",
            "category": category,
            "properties": {"correlationId": call, **properties},
        }
    )


def counted(call: str, time: str) -> str:
    counts: Mapping[str, Any] = {"promptTokens": 100, "completionTokens": 5, "totalTokens": 105}
    said = {"requestId": f"chatcmpl-{call}", "modelName": "gpt-4o-2024-08-06"}
    return record(call, "GatewayLlmLogs", time, **said, **counts)


def called(call: str, time: str, team: str, feature: str) -> str:
    headers = {"x-feature": feature}
    return record(
        call, "GatewayLogs", time, apimSubscriptionId=team, requestHeaders=headers, responseCode=200
    )


@pytest.mark.parametrize("late", [False, True])
def test_the_log_of_all_requests_owns_the_calls(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path, late: bool
) -> None:
    calls = "\n".join(
        [counted("a", "10:00:00"), counted("b", "10:00:01"), counted("c", "23:00:00")]
    )
    others = "\n".join(
        [
            called("a", "10:00:00", "search", "answers"),
            called("b", "10:00:01", "support", "chat"),
            # of an API that is no model's
            called("x", "10:00:02", "billing", "orders"),
        ]
    )
    names = ("logs/gatewaylogs/PT1H.json", "logs/gatewayllmlogs/PT1H.json")
    files = {names[1]: calls} | ({} if late else {names[0]: others})
    company = OwnCompany(compiled, write_company(tmp_path, files, SETTINGS))
    if late:
        assert {team for _, team, _, _ in company.query(OWNERS)} == {"__unallocated__"}
        file = company.folder / names[0]
        file.parent.mkdir(parents=True)
        file.write_text(others)
        company.build()
    assert company.query(OWNERS) == [
        ("chatcmpl-a", "search", "answers", "success"),
        ("chatcmpl-b", "support", "chat", "success"),
        ("chatcmpl-c", "__unallocated__", "__unallocated__", "success"),
    ]
