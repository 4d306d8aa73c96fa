"""An HTTP server on this machine that answers which limits stand, as three systems do."""

import json
from typing import Any

from tests.ingestion.bills.cost_api import Answer, Api, Query, error

SIZE = 2  # records of a page, whatever was asked for


class LimitApis:
    """All three on one port; `fails`: path -> what is answered there in place of what it has."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.url = api.url
        self.asked = api.asked
        self.keys: list[dict[str, Any]] = []
        self.teams: list[dict[str, Any]] = []
        self.budgets: list[dict[str, Any]] = []
        self.projects: dict[str, tuple[int | None, list[int]]] = {}
        self.organization: tuple[int | None, list[int]] = (None, [])
        self.workspaces: dict[str, int] = {}
        self.fails: dict[str, Answer] = {}
        api.respond = self.respond

    def respond(self, path: str, query: Query) -> Answer:
        if path in self.fails:
            return self.fails[path]
        said = dict(query)
        found = self._litellm(path, said)
        if found is None:
            found = self._anthropic(said) if "spend_limits" in path else self._openai(path, said)
        return (404, error("no such path")) if found is None else (200, json.dumps(found).encode())

    def _litellm(self, path: str, said: dict[str, Any]) -> Any:
        if path == "/key/list":
            page = int(said.get("page", 1))
            return {
                "keys": self.keys[(page - 1) * SIZE : page * SIZE],
                "total_count": len(self.keys),
                "current_page": page,
                "total_pages": -(-len(self.keys) // SIZE),
            }
        return {"/team/list": self.teams, "/budget/list": self.budgets}.get(path)

    def _openai(self, path: str, said: dict[str, Any]) -> Any:
        *place, name = path.removeprefix("/v1/organization/").split("/")
        if name == "projects" and not place:
            return _after([{"id": project} for project in self.projects], said)
        if place and place[-1] not in self.projects:
            return None
        hard, alerts = self.projects[place[-1]] if place else self.organization
        base = {"object": "x", "currency": "USD", "interval": "month"}
        if name == "spend_alerts":
            channel = {"type": "email", "recipients": ["ada@example.org"]}
            rows = [
                {"id": f"a{number}", **base, "threshold_amount": cents, "channel": channel}
                for number, cents in enumerate(alerts)
            ]
            return _after(rows, said)
        if name == "spend_limit" and hard is not None:
            return {**base, "threshold_amount": hard, "enforcement": {"status": "inactive"}}
        return None

    def _anthropic(self, said: dict[str, Any]) -> Any:
        start = int(said.get("page", 0))
        limits = [
            {
                "id": f"spl_{workspace}",
                "amount": str(cents),
                "currency": "USD",
                "period": "monthly",
                "is_enabled": True,
                "scope": {"type": "workspace", "workspace_id": workspace},
            }
            for workspace, cents in self.workspaces.items()
        ]
        after = start + SIZE
        return {
            "data": limits[start:after],
            "next_page": str(after) if after < len(limits) else None,
        }


def _after(rows: list[dict[str, Any]], said: dict[str, Any]) -> dict[str, Any]:
    ids = [each["id"] for each in rows]
    start = ids.index(said["after"]) + 1 if "after" in said else 0
    found = rows[start : start + SIZE]
    more = start + SIZE < len(rows)
    return {"data": found, "has_more": more, "last_id": found[-1]["id"] if found else None}
