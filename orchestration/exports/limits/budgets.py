"""The budgets that hold now, each with what is known of where its limit can stand."""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

import duckdb

CENT: Final = Decimal("0.01")
# In the order in which they follow.
QUEUE: Final = "queue"
STAGES: Final = ("normal", "cheaper_model", "cache_only", QUEUE)

BUDGETS: Final = """
    WITH now AS (
        SELECT coalesce(
            CAST(max(usage_date) AS TIMESTAMP) + INTERVAL 23 HOUR, TIMESTAMP '9999-12-30'
        ) AS newest_hour
        FROM main.fct_cost_daily WHERE requests > 0
    )

    SELECT
        b.budget_id, b.scope, coalesce(c.scope_id, b.scope_id), b.only_environment, b.unit,
        b.control_layer, b.expected, b.budget, b.soft_limit, b.hard_limit, b.hard_above_budget,
        c.provider, c.key_id, c.owner_emails
    FROM main.dim_budgets AS b
    CROSS JOIN now
    LEFT JOIN main.mart_control_coverage AS c ON b.budget_id = c.budget_id
    WHERE b.valid_from <= now.newest_hour AND now.newest_hour < b.valid_to
    ORDER BY b.budget_id
"""


@dataclass(frozen=True, slots=True)
class Budget:
    """A line of dim_budgets; what comes last is known of its use."""

    budget_id: str
    scope: str
    scope_id: str | None
    environment: str | None
    unit: str
    layer: int
    expected: Decimal
    budget: Decimal | None
    soft: Decimal | None
    hard: Decimal | None
    hard_above_budget: Decimal | None
    provider: str | None
    key_id: str | None
    owner_emails: str | None

    @property
    def stages(self) -> dict[str, Decimal]:
        """From how much on customers get less, so that none of them sees an error."""
        first = {
            "cheaper_model": self.soft,
            "cache_only": self.expected,
            QUEUE: self.hard if self.hard is not None else self.budget,
        }
        return {stage: rounded(amount) for stage, amount in first.items() if amount is not None}

    def said(self) -> dict[str, Any]:
        amounts = {
            "expected": self.expected,
            "budget": self.budget,
            "soft": self.soft,
            "hard": self.hard,
            "hard_above_budget": self.hard_above_budget,
        }
        return {
            "budget_id": self.budget_id,
            "scope": self.scope,
            "scope_id": self.scope_id,
            "environment": self.environment,
            "unit": self.unit,
            "layer": self.layer,
            **{
                name: None if amount is None else rounded(amount)
                for name, amount in amounts.items()
            },
            "degrade_from": self.stages,
        }


def budgets(connection: duckdb.DuckDBPyConnection) -> list[Budget]:
    return [Budget(*row) for row in connection.execute(BUDGETS).fetchall()]


def rounded(amount: Decimal) -> Decimal:
    """Down to the cent, so that no limit lets through more than was said."""
    return amount.quantize(CENT, ROUND_FLOOR)


def cents(amount: Decimal) -> int:
    return int(rounded(amount) * 100)
