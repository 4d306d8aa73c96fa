"""Accounts for logs that know less than the bill: one account, bill and gateway a case."""

import json
from collections.abc import Iterable, Sequence
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


def used(team: str | None, tokens: int, day: str = DAY, **columns: Any) -> dict[str, Any]:
    """A call that says no key; of a team, or of nobody."""
    owner = {} if team is None else {"team": team}
    return call(f"{day}T10:00:00Z", MODEL, tokens, **owner, **columns)


def build(project: CompiledProject, folder: Path, cases: Sequence[Case], **csvs: str) -> Company:
    return Company(project, written(folder, cases, **csvs))


def written(folder: Path, cases: Sequence[Case], **csvs: str) -> Path:
    gateways = "".join(
        f"  - {{name: {case.name}, format: generic, location: logs/{case.name}, {COLUMNS}"
        f", provider: openai, account: org-{case.name}{case.said and ', ' + case.said}}}\n"
        for case in cases
    )
    bills = "".join(
        f"  - {{name: bill-{case.name}, format: openai, account: org-{case.name},"
        f" location: bills/{case.name}}}\n"
        for case in cases
    )
    files = {f"logs/{case.name}/a.jsonl": log(case.calls) for case in cases}
    files |= {f"bills/{case.name}/costs.json": page(case.bill) for case in cases}
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
    """A saved page of OpenAI's costs; without tokens a line has money alone."""
    buckets = []
    for day in sorted({line[0] for line in bill}):
        start = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
        results = [
            {
                "object": "organization.costs.result",
                "amount": {"value": float((tokens or 10**6) * PRICE / 10**6), "currency": "usd"},
                "line_item": f"{MODEL}, input",
                "project_id": project,
                "api_key_id": key,
                "quantity": tokens,
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
