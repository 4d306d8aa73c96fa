"""Lines of capacity.csv that cannot hold at once."""

import itertools
from typing import Any, Final

from ingestion.globs import glob_meets
from ingestion.reference.conflicts import meet_in_time
from ingestion.reference.rows import Problem, ReferenceRow

SEPARATOR: Final = ";"
OWN: Final = "own"


def pool_conflicts(rows: list[ReferenceRow]) -> list[Problem]:
    """A deployment belongs to one pool at a time, and a pool is of one supply and unit.

    `deployments` holds globs (only `*` is special) with `;` between them. As everywhere a literal
    goes before a glob and a longer glob before a shorter one; what is left undecided is a problem.
    """
    return [
        (second.line, problem)
        for first, second in itertools.combinations(rows, 2)
        if meet_in_time(first, second)
        for problem in (
            _one_pool(first, second)
            if first.values["pool"] == second.values["pool"]
            else _two_pools(first, second)
        )
    ]


def _one_pool(first: ReferenceRow, second: ReferenceRow) -> list[str]:
    return [
        f"{column}: `{second.values[column]}` is not that of the same pool in line {first.line}"
        f" (`{first.values[column]}`): keep one"
        for column in ("supply", "capacity_unit", "provider", "billing_account")
        if first.values[column] != second.values[column]
    ]


def account_problem(values: dict[str, Any]) -> str | None:
    """What a line says of the account that its cost is invoiced to."""
    provider, account = values["provider"], values["billing_account"]
    if (provider is None) != (account is None):
        return "provider: give both provider and billing_account, or neither"
    if provider == OWN:
        return f"provider: `{OWN}` is what it is without one: leave it empty"
    if provider and values["supply"] != "provisioned":
        return "provider: only provisioned capacity is on a provider's invoice: leave it empty"
    return None


def _two_pools(first: ReferenceRow, second: ReferenceRow) -> list[str]:
    return [
        f"deployments: `{glob}` ties with line {first.line} (`{other}`), another pool, in an"
        " overlapping time: end one before the other starts"
        for other, glob in itertools.product(
            pool_globs(first.values["deployments"]), pool_globs(second.values["deployments"])
        )
        if _rank(other) == _rank(glob) and glob_meets(other, glob)
    ]


def pool_globs(deployments: str) -> list[str]:
    """The globs of a cell of column `deployments`."""
    return [glob for text in deployments.split(SEPARATOR) if (glob := text.strip())]


def _rank(glob: str) -> int:
    return len(glob) if "*" in glob else -1
