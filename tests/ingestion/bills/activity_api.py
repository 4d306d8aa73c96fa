"""OpenRouter's activity on this machine: a day at a time, of the last 30 whole days."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from ingestion.bills.pulling.api import pull
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill, BillApi
from tests.ingestion.bills.cost_api import KEY, Answer, Api, Query, error
from tests.ingestion.readers import landed

TODAY: Final = date(2026, 11, 5)
FIRST: Final = TODAY - timedelta(days=30)
GPT, OPUS = "openai/gpt-4.1", "anthropic/claude-opus-4.7"


def row(day: str, usd: float, model: str = GPT, workspace: str | None = "ws_1") -> dict[str, Any]:
    return {
        "date": day,
        "model": model,
        "model_permaslug": f"{model}-2026",
        "endpoint_id": "550e8400-e29b-41d4-a716-446655440000",
        "provider_name": "Host",
        "usage": usd,
        "byok_usage_inference": 0,
        "requests": 5,
        "prompt_tokens": 50,
        "completion_tokens": 25,
        "reasoning_tokens": 5,
        "workspace_id": workspace,
    }


class Activity:
    """What the API says, by what it has; `answers` go first, None is what it has."""

    def __init__(self, api: Api, *rows: dict[str, Any]) -> None:
        self.rows = list(rows)
        self.answers: list[Answer | None] = []
        self.knows_workspaces = True
        self.asked = api.asked
        api.respond = self.respond

    def respond(self, path: str, query: Query) -> Answer:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            return answer
        said = dict(query)
        if path != "/api/v1/activity":
            return 404, error("no such path")
        if "group_by" in said and not self.knows_workspaces:
            return 400, error("Invalid group_by")
        if not FIRST <= date.fromisoformat(said["date"]) < TODAY:
            return 400, error("Date must be within the last 30 (completed) UTC days")
        kept = [dict(each) for each in self.rows if each["date"] == said["date"]]
        for each in kept:
            if "group_by" not in said:
                del each["workspace_id"]
        return 200, json.dumps({"data": kept}).encode()


class Account:
    """A bill of OpenRouter's that is pulled into a folder and landed from there."""

    def __init__(self, folder: Path, url: str, **limits: int) -> None:
        self.location, self._cache = folder / "bill", folder / "cache"
        self.location.mkdir()
        api = BillApi(url, "KEY", limits)
        self.bill = Bill("router", "openrouter", "acct", str(self.location), api, "bill", {})
        self._landing = Landing(open_storage(str(folder / "landing")))
        self.waits: list[float] = []

    def pull(self, since: str, until: str, at: int = 3) -> list[str]:
        """`at`: the hour of TODAY."""
        return pull(
            self.bill,
            KEY,
            open_storage(str(self.location)),
            *(date.fromisoformat(since), date.fromisoformat(until)),
            clock=lambda: datetime(2026, 11, 5, at, tzinfo=UTC),
            sleep=self.waits.append,
        )

    def load(self) -> LoadResult:
        return load_bill(self.bill, self._landing)

    def charges(self) -> list[tuple[Any, ...]]:
        """Of the newest batch of each month: day, model, workspace, dollars."""
        return landed(
            self._landing,
            self._cache,
            "charges",
            "batch, strftime(charge_period_start, '%m-%d'), model, sub_account_id,"
            " billed_cost_in_billing_currency::double",
        )

    def objects(self) -> list[str]:
        return sorted(
            path.relative_to(self.location).as_posix()
            for path in self.location.rglob("*")
            if path.is_file()
        )
