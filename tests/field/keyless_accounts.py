"""Accounts for logs that know less than the bill: one account, bill and gateway a case."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, log, write_company

MODEL: Final = "gpt-4o-2024-08-06"
DAY: Final = "2026-10-05"
# of one million tokens of every bill here
PRICE: Final = Decimal("2.50")
COLUMNS: Final = "columns: {deployment_id: deployment, sub_account_hint: project, user_id: who}"

Calls = Iterable[dict[str, Any]]
# day, key, project, tokens
Bill = Sequence[tuple[str, str | None, str | None, int | None]]


@dataclass(frozen=True)
class Case:
    """`said`: of its gateway's entry. Lines of credentials.csv from credential_id on, of
    deployments.csv as deployment_id, sub_account, key, valid_from, valid_to.
    """

    name: str
    calls: Calls
    bill: Bill
    said: str = ""
    credentials: Sequence[str] = ()
    deployments: Sequence[str] = ()
    account: str = ""  # of another case whose bill this one shares
    # saved pages of another provider's bill, by name
    provider: str = "openai"
    pages: Mapping[str, str] | None = None

    @property
    def owner(self) -> str:
        return self.account or self.name

    def files(self) -> dict[str, str]:
        pages = {"costs.json": page(self.bill)} if self.pages is None else self.pages
        bill = (
            {} if self.account else {f"bills/{self.name}/{at}": text for at, text in pages.items()}
        )
        return {f"logs/{self.name}/a.jsonl": log(self.calls), **bill}


def used(team: str | None, tokens: int, day: str = DAY, **columns: Any) -> dict[str, Any]:
    """A call that says no key; of a team, or of nobody."""
    owner = {} if team is None else {"team": team}
    return call(f"{day}T10:00:00Z", MODEL, tokens, **owner) | columns


def build(project: CompiledProject, folder: Path, cases: Sequence[Case], **csvs: str) -> Company:
    return Company(project, written(folder, cases, **csvs))


def written(folder: Path, cases: Sequence[Case], **csvs: str) -> Path:
    gateways = "".join(
        f"  - {{name: {case.name}, format: generic, location: logs/{case.name}, {COLUMNS}"
        f", provider: {case.provider}, account: org-{case.owner}"
        f"{case.said and ', ' + case.said}}}\n"
        for case in cases
    )
    bills = "".join(
        f"  - {{name: bill-{case.name}, format: {case.provider}, account: org-{case.name},"
        f" location: bills/{case.name}}}\n"
        for case in cases
        if not case.account
    )
    files = {name: text for case in cases for name, text in case.files().items()}
    files["reference/credentials.csv"] = "".join(
        ["source,credential_id,team_id,feature,environment,valid_from,valid_to\n"]
        + [f"bill-{case.name},{line}\n" for case in cases for line in case.credentials]
    )
    files["reference/deployments.csv"] = "".join(
        ["gateway,deployment_id,sub_account,provider_credential_id,valid_from,valid_to\n"]
        + [f"{case.name},{line}\n" for case in cases for line in case.deployments]
    )
    files |= {f"reference/{name}.csv": text for name, text in csvs.items()}
    settings = f"company: Keyless\ntimezone: Europe/Berlin\ngateways:\n{gateways}bills:\n{bills}"
    return write_company(folder, files, settings)


def page(bill: Bill) -> str:
    """A saved page of OpenAI's costs; without tokens, and of money back, a line has money alone."""
    buckets = []
    for day in sorted({line[0] for line in bill}):
        start = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
        results = [
            {
                "object": "organization.costs.result",
                "amount": {"value": str((tokens or 10**6) * PRICE / 10**6), "currency": "usd"},
                "line_item": f"{MODEL}, input",
                "project_id": project,
                "api_key_id": key,
                "quantity": tokens if tokens and tokens > 0 else None,
                "quantity_unit": "tokens",
            }
            for at, key, project, tokens in bill
            if at == day
        ]
        buckets.append(
            {
                "object": "bucket",
                "start_time": int(start.timestamp()),
                "end_time": int((start + timedelta(days=1)).timestamp()),
                "results": results,
            }
        )
    return json.dumps({"object": "page", "data": buckets, "has_more": False, "next_page": None})


def anthropic_pages(tokens: Mapping[str, int], cents: str) -> dict[str, str]:
    """A cost page without keys, and the usage report that says how many input tokens each had."""
    period = {"starting_at": f"{DAY}T00:00:00Z", "ending_at": "2026-10-06T00:00:00Z"}
    keys = {
        "model": "claude-opus-4-5",
        "service_tier": "standard",
        "context_window": "0-200k",
        "inference_geo": None,
        "workspace_id": "wrkspc_1",
    }
    cost = {
        "amount": cents,
        "currency": "USD",
        "cost_type": "tokens",
        "description": "Claude Opus 4.5 Usage - Input Tokens",
        "token_type": "uncached_input_tokens",
    }
    nothing = {
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 0,
        "server_tool_use": {"web_search_requests": 0},
    }
    usage = [
        {**keys, **nothing, "api_key_id": key, "uncached_input_tokens": count}
        for key, count in tokens.items()
    ]
    end = {"has_more": False, "next_page": None}
    return {
        "cost.json": json.dumps({"data": [{**period, "results": [keys | cost]}], **end}),
        "usage.json": json.dumps({"data": [{**period, "results": usage}], **end}),
    }


def split(company: Company, case: str) -> dict[tuple[str, str], Decimal]:
    """Billed dollars of a case by team and how they came there: `requests`, or the cause."""
    return {
        (team, how): cost
        for team, how, cost in company.query(
            "select team, coalesce(residual_cause, 'requests'), sum(billed_cost)"
            f" from main.fct_cost_allocations where billing_account = 'org-{case}'"
            " group by all having sum(billed_cost) <> 0 order by all"
        )
    }
