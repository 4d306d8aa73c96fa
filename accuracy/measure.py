"""Runs a workspace and reads from its published marts where the money stands."""

import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from ingestion.vocabulary import RESIDUAL_CAUSES
from ingestion.workspace.settings import load_workspace
from orchestration.execution import execute_job
from orchestration.publishing.marts import open_marts
from simulation.faults.company import Company, Place
from simulation.faults.workspace import comes_late, write_first, write_late

CAUSES: Final = tuple(cause for cause in RESIDUAL_CAUSES if cause != "rounding")
VARIANCES: Final = ("rate_variance", "quantity_variance")
# what no fault may leave behind
NOTHING: Final = ("unexplained", "estimated_cost")
SIGNS: Final = {
    "duplicates": "select sum(records_duplicate) from mart_data_quality_daily",
    "failed_requests": "select sum(failed_requests) from fct_cost_allocations"
    " where residual_cause = 'unlogged_usage'",
    "estimated_requests": "select sum(estimated_requests) from fct_cost_allocations"
    " where residual_cause = 'unlogged_usage'",
}
# Of token money: what requests explain, and what was billed and not logged, by cause.
JOINT: Final = """
    select
        provider, usage_date, model, feature, team, tier, coalesce(residual_cause, ''),
        sum(billed_cost)
    from fct_cost_allocations
    where coalesce(residual_cause, '') in ('', 'unlogged_usage', 'outside_gateway')
    group by all
"""


@dataclass(slots=True)
class Measured:
    """Pico-dollars; `problems` are what the run ended with."""

    problems: list[str]
    places: Counter[str] = field(default_factory=Counter)
    joint: Counter[Place] = field(default_factory=Counter)
    signs: dict[str, int] = field(default_factory=dict)
    allocated: int = 0
    invoiced: int = 0
    published: bool = False


class Bench:
    """One folder for all workspaces, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def measure(self, company: Company) -> Measured:
        self._clear()
        write_first(company, self.folder)
        problems = execute_job(load_workspace(self.folder), "run").problems
        if comes_late(company):
            write_late(company, self.folder)
            problems = execute_job(load_workspace(self.folder), "run").problems
        return _read(self.folder, problems)

    def _clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)


def _read(folder: Path, problems: list[str]) -> Measured:
    marts = load_workspace(folder).marts
    if not marts.is_file():
        return Measured(problems)
    columns = (*CAUSES, *VARIANCES, *NOTHING)
    # what must be nothing in each month of each account may not cancel out over them
    sums = ", ".join(f"sum(abs({name}))" if name in NOTHING else f"sum({name})" for name in columns)
    with open_marts(marts) as connection:
        [amounts] = connection.execute(f"select {sums} from mart_reconciliation_monthly").fetchall()
        [[invoiced]] = connection.execute(
            "select sum(invoice_amount) from mart_reconciliation_monthly"
        ).fetchall()
        [[allocated]] = connection.execute(
            "select sum(billed_cost) from fct_cost_allocations"
        ).fetchall()
        joint = _joint(connection.execute(JOINT).fetchall())
        signs = {name: int(connection.execute(sql).fetchall()[0][0] or 0)
                 for name, sql in SIGNS.items()}  # fmt: skip
    places = {name: pico(amount) for name, amount in zip(columns, amounts, strict=True)}
    return Measured(
        problems, Counter(places), joint, signs, pico(allocated), pico(invoiced), published=True
    )


def _joint(rows: Iterable[tuple[Any, ...]]) -> Counter[Place]:
    found: Counter[Place] = Counter()
    for *place, amount in rows:
        found[tuple(place)] += pico(amount)
    return found


def pico(amount: Decimal | None) -> int:
    return int((amount or Decimal()).scaleb(12))


def share_right(found: Counter[Place], true: Counter[Place]) -> Decimal:
    """Of the true money, how much was found in its place: 0 to 1."""
    right = sum(max(0, min(found[place], money)) for place, money in true.items())
    return Decimal(right) / sum(true.values())
