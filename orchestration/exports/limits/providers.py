"""Spend limits and alerts of OpenAI and Anthropic, as their admin APIs take them."""

from collections.abc import Iterator
from typing import Any, Final

from orchestration.exports.limits.budgets import Budget, cents

OPENAI: Final = "openai"
ANTHROPIC: Final = "anthropic"
Call = dict[str, Any]


def openai_calls(budget: Budget) -> Iterator[Call]:
    """A limit of the project or organisation, and an alert to its owners if they are known."""
    if (place := _place(budget, OPENAI)) is None:
        return
    folder = f"/organization/projects/{place}" if place else "/organization"
    emails = budget.owner_emails.split(";") if budget.owner_emails else []
    base = {"currency": "USD", "interval": "month"}
    if budget.hard is not None:
        body = {**base, "threshold_amount": cents(budget.hard)}
        yield _call(budget, f"{folder}/spend_limit", body)
    if budget.soft is not None and emails:
        channel = {"type": "email", "recipients": emails}
        body = {
            **base,
            "threshold_amount": cents(budget.soft),
            "notification_channel": channel,
        }
        yield _call(budget, f"{folder}/spend_alerts", body)


def anthropic_calls(budget: Budget) -> Iterator[Call]:
    """A monthly limit of the workspace or organisation; Anthropic has no alert to set."""
    if (place := _place(budget, ANTHROPIC)) is None or budget.hard is None:
        return
    scope = {"type": "workspace", "workspace_id": place} if place else {"type": "organization"}
    body = {"amount": str(cents(budget.hard)), "scope": scope, "period": "monthly"}
    yield _call(budget, "/v1/organizations/spend_limits", body)


def _place(budget: Budget, provider: str) -> str | None:
    """The project or workspace, empty of the whole organisation, None of neither."""
    if budget.environment is None and budget.scope == "provider":
        return "" if (budget.scope_id or "").lower() == provider else None
    if budget.environment is None and budget.scope == "sub_account":
        return budget.scope_id if budget.provider == provider else None
    return None


def _call(budget: Budget, path: str, body: dict[str, Any]) -> Call:
    return {"budget_id": budget.budget_id, "method": "POST", "path": path, "body": body}
