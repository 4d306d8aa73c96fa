"""Where the reference CSVs name owners, and two spellings of one name in one CSV."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ingestion.reference.csvs.shared_costs import targets
from ingestion.reference.rows import Problem, ReferenceRow
from ingestion.vocabulary import CREDENTIAL_OWNERS, CUSTOMER_OWNERS, OWNERS

# CSV -> column -> the owner dimension of the names in it
OWNER_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "teams": {"team_id": "team"},
    "credentials": CREDENTIAL_OWNERS,
    "customers": {name: name for name in CUSTOMER_OWNERS},
    "attribution_rules": {f"set_{dimension}": dimension for dimension in OWNERS},
    "capacity": {"owner": "team"},
    "commitments": {"owner": "team"},
    "seats": {"owner": "team"},
}
# Of what others own already: no name is known by standing here.
CHARGED_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "chargeback_phases": {"team_id": "team"},
    "disputes": {"team_id": "team", "feature": "feature"},
    "revenue": {"tier": "tier", "plan": "plan"},
    "outcomes": {"feature": "feature"},
    "feature_plans": {"feature": "feature"},
    "plans": {"feature": "feature"},
    "budgets": {"environment": "environment"},
}


def owners_named(table: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Column, dimension and name of every owner that a row names literally."""
    for column, dimension in {**OWNER_COLUMNS, **CHARGED_COLUMNS}.get(table, {}).items():
        if values[column] is not None:
            yield column, dimension, values[column]
    if table == "aliases":
        yield "value", values["dimension"], values["value"]
    if table == "accounts" and values["scope"] == "team":
        yield "scope_id", "team", values["scope_id"]
    if table in ("rate_card", "budgets") and values["scope"] in OWNERS:
        yield "scope_id", values["scope"], values["scope_id"]
    if table == "shared_costs":
        for target in targets(values["targets"]):
            if "*" not in target.pattern:
                yield "targets", target.dimension, target.pattern


def two_spellings(table: str, rows: list[ReferenceRow]) -> list[Problem]:
    """Names that differ from an earlier one of the same CSV in case alone: which is meant?"""
    first: dict[tuple[str, str], tuple[str, int]] = {}
    problems: list[Problem] = []
    for row in rows:
        for column, dimension, name in owners_named(table, row.values):
            spelling, line = first.setdefault((dimension, name.lower()), (name, row.line))
            if spelling != name:
                problems.append(
                    (
                        row.line,
                        f"{column}: `{name}` is `{spelling}` of line {line} in another case, and"
                        " spellings that differ in case alone are one owner: write both alike",
                    )
                )
    return problems
