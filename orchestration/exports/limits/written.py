"""`exports/limits.json` and the allowances beside it: the limits of budgets.csv, ready to be set.

Tollbook sets none of them: whoever may do so sends the bodies. The same marts give the same bytes.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import duckdb
import msgspec

from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import Workspace
from orchestration.exports.limits.allowances import allowances
from orchestration.exports.limits.budgets import QUEUE, Budget, budgets
from orchestration.exports.limits.litellm import litellm_calls
from orchestration.exports.limits.providers import anthropic_calls, openai_calls
from orchestration.exports.manifest import currency_of
from orchestration.publishing.marts import open_marts

LIMITS: Final = "limits.json"
ALLOWANCES: Final = "user_allowances.redis"
# What LiteLLM, OpenAI and Anthropic count in.
DOLLARS: Final = "usd"
PERSONS_ADVICE: Final = f"an application looks it up: {ALLOWANCES}"
NEWEST: Final = "SELECT max(usage_date) FROM main.fct_cost_daily WHERE requests > 0"


def write_limits(workspace: Workspace) -> str:
    """Where they were written; empty without a budget, and then none of before stays."""
    storage = open_storage(workspace.exports)
    with open_marts(workspace.marts) as connection:
        files = limit_files(connection, workspace)
    for name, data in files.items():
        storage.put(name, data)
    if not files:
        there = {info.name for info in storage.list(may_be_missing=True)}
        for name in sorted({ALLOWANCES, LIMITS} & there):
            storage.delete(name)
    return f"{storage.location}/{LIMITS}" if files else ""


def limit_files(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> dict[str, bytes]:
    """limits.json the last."""
    held = budgets(connection)
    if not held:
        return {}
    [(newest,)] = connection.execute(NEWEST).fetchall()
    commands, written, left_out = allowances(held)
    said = limits_said(held, newest, currency_of(connection) or "")
    said["business_hours"] = business_hours_said(workspace)
    said["allowances"] = {"file": ALLOWANCES, "commands": written, "left_out": left_out}
    encoded = msgspec.json.Encoder(decimal_format="number").encode(said)
    return {ALLOWANCES: commands, LIMITS: msgspec.json.format(encoded, indent=2) + b"\n"}


def limits_said(held: Sequence[Budget], newest: date | None, currency: str) -> dict[str, Any]:
    """Calls of each system's API, and every budget that none of them can hold, with the reason."""
    in_dollars = [budget for budget in held if budget.unit == DOLLARS]
    calls = {
        "litellm": [call for budget in in_dollars for call in litellm_calls(budget)],
        "openai": [call for budget in in_dollars for call in openai_calls(budget)],
        "anthropic": [call for budget in in_dollars for call in anthropic_calls(budget)],
    }
    sent = {call["budget_id"] for made in calls.values() for call in made}
    return {
        "as_of": newest,
        "currency": currency,
        "period": "calendar month, UTC",
        "budgets": [budget.said() for budget in held],
        **calls,
        "not_sent": [
            {"budget_id": budget.budget_id, "why": _why_not(budget)}
            for budget in held
            if budget.budget_id not in sent
        ],
    }


def business_hours_said(workspace: Workspace) -> dict[str, Any] | None:
    """When no stage is `queue`."""
    hours = workspace.business_hours
    if hours is None:
        return None
    begins, ends = (f"{each // 60:02}:{each % 60:02}" for each in (hours.begins, hours.ends))
    return {
        "days": list(hours.days),
        "from": begins,
        "to": ends,
        "timezone": workspace.timezone,
        "never": QUEUE,
    }


def _why_not(budget: Budget) -> str:
    if budget.scope in ("user", "customer"):
        return PERSONS_ADVICE
    if budget.unit != DOLLARS:
        return f"LiteLLM, OpenAI and Anthropic limit dollars, not {budget.unit}"
    if budget.scope == "credential":
        return "no log or answer of a gateway says the id of this key, and providers limit no keys"
    if budget.scope in ("team", "sub_account", "provider") and budget.environment is not None:
        return f"no limit of a {budget.scope} can be of one environment: give it keys of its own"
    if budget.scope in ("sub_account", "provider"):
        return "no request of the last 31 days says that it is OpenAI's or Anthropic's"
    return f"no gateway or provider limits a {budget.scope}: mart_budget_status_hourly tells"
