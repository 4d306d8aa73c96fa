"""levers.csv: what a company takes of a lever's standard assumption otherwise; plans.csv."""

from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from ingestion.contracts import MONEY
from ingestion.reference.columns import EVERY, NAME, TEXT, Column, ReferenceTable
from ingestion.reference.values import choice, cost, money, month

# In the order in which they are applied: `savings_levers` of dbt_project.yml has their assumptions.
SAVING: Final = (
    *("max_tokens", "routing", "response_cache", "prompt_cache", "prompt_compression", "batch"),
    *("embeddings", "structured_output", "commitments"),
)
FINE_TUNING: Final = "fine_tuning"
CONFIDENCE: Final = ("low", "medium", "high")


def part(value: str) -> Decimal:
    amount = money(value.removesuffix("%").rstrip())
    if not 0 <= amount <= 100:
        raise ValueError(f"`{value}` is not a percentage from 0 to 100")
    return amount


def place(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 100:
        raise ValueError(f"`{value}` is not a place from 1 to 99: lower numbers go first")
    return int(value)


def lever_problem(values: dict[str, Any]) -> str | None:
    """What a line lacks, or says that its lever does not take."""
    named = values["provider"], values["model"]
    if values["lever"] == FINE_TUNING:
        if values["one_time_cost"] is None or values["unit_cost"] is None:
            return "one_time_cost: fine_tuning needs it, and unit_cost: what a request then costs"
        return None
    if values["one_time_cost"] is not None or values["unit_cost"] is not None:
        return f"one_time_cost: is of fine_tuning, `{values['lever']}` has none, nor a unit_cost"
    if values["lever"] != "routing" and any(named):
        return f"model: is where routing goes, `{values['lever']}` has none, nor a provider"
    if any(named) and not all(named):
        return "model: routing goes to a provider and a model: say both"
    return None


LEVERS: Final = ReferenceTable(
    {
        "lever": Column(pa.string(), choice(*SAVING, FINE_TUNING), required=True),
        "feature": EVERY,
        "share_percent": Column(MONEY, part),
        "saving_percent": Column(MONEY, part),
        # where routing goes; of fine_tuning the model whose requests are replaced
        **dict.fromkeys(("provider", "model"), TEXT),
        "place": Column(pa.int64(), place),
        "one_time_cost": Column(MONEY, cost),
        "unit_cost": Column(MONEY, cost),
        "confidence": Column(pa.string(), choice(*CONFIDENCE)),
    },
    key=("lever", "feature"),
    globs=("feature",),
    problem=lever_problem,
)


def plan_problem(values: dict[str, Any]) -> str | None:
    if values["baseline_month"] >= values["month"]:
        return "baseline_month: is not before `month`, which is measured against it"
    return None


PLANS: Final = ReferenceTable(
    {
        "month": Column(pa.date32(), month, required=True),
        "feature": NAME,
        "lever": Column(pa.string(), choice(*SAVING, FINE_TUNING), required=True),
        "baseline_month": Column(pa.date32(), month, required=True),
        "planned_saving": Column(MONEY, cost, required=True),
    },
    key=("month", "feature", "lever", "baseline_month"),
    problem=plan_problem,
)
