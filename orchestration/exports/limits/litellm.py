"""Budgets of LiteLLM's keys and teams, as its own proxy takes them."""

from collections.abc import Iterator
from typing import Any, Final

from orchestration.exports.limits.budgets import Budget, rounded

# Begins anew on the first of each month, as the budget does.
MONTH: Final = "1mo"
Call = dict[str, Any]


def litellm_calls(budget: Budget) -> Iterator[Call]:
    """Nothing of a scope that LiteLLM has no budget of."""
    limits = _limits(budget)
    if budget.scope == "team" and budget.environment is None:
        yield _call(budget, "/team/update", {"team_id": budget.scope_id, **limits})
    elif budget.scope == "credential" and budget.key_id:
        yield _call(budget, "/key/update", {"key": budget.key_id, **limits})
    elif budget.scope in ("user", "customer") and budget.scope_id == "*":
        # `litellm_settings: max_end_user_budget_id` gives it to each of them
        yield _call(budget, "/budget/new", {"budget_id": f"tollbook-{budget.scope}", **limits})


def _limits(budget: Budget) -> dict[str, Any]:
    amounts = {"max_budget": budget.hard, "soft_budget": budget.soft}
    return {name: rounded(amount) for name, amount in amounts.items() if amount is not None} | {
        "budget_duration": MONTH
    }


def _call(budget: Budget, path: str, body: dict[str, Any]) -> Call:
    return {"budget_id": budget.budget_id, "method": "POST", "path": path, "body": body}
