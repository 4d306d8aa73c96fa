"""The tables of docs/reference.md: what each column holds is taken from the code that reads it.

What it means is written in the page, in the last cell, and stays where it is.
"""

import re
from collections.abc import Mapping
from typing import Final

from ingestion.contracts import END, START
from ingestion.reference.columns import Column, ReferenceTable
from ingestion.reference.tables import PRICED, TABLES

HEAD: Final = "| column | holds | if empty | what it says |\n|---|---|---|---|\n"
ROW: Final = re.compile(r"^\| `(\w+)`[^|]* \|[^|]*\|[^|]*\| (.*) \|$", re.MULTILINE)
# by the function that reads the text
HOLDS: Final = {
    "text": "text",
    "dimensions": "`name=value;…`",
    "lower_case": "text, case is the same",
    "true_false": "`true`, `false`",
    "currency": "code like USD",
    "money": "amount",
    "cost": "amount, 0 or more",
    "rate": "amount above 0",
    "committed": "amount above 0",
    "disputed": "amount above 0",
    "above_zero": "amount above 0",
    "percent_of_expected": "percent, or `none`",
    "budget_unit": "`usd`, `tokens`, `requests`, `gpu_seconds`",
    "percent": "percent",
    "commitment_discount": "percent",
    "overage": "percent",
    "capacity": "whole number above 0",
    "seat_count": "whole number above 0",
    "whole": "whole number",
    "count": "whole number",
    "planned_tokens": "whole number above 0",
    "priority": "whole number",
    "part": "percent",
    "place": "whole number, 1 to 99",
    "month": "month, 2026-10",
    "day": "date",
    "instant": "date or time",
    "first_of_month": "first of a month",
    "match_text": "conditions",
    "shared_cost_match": "conditions",
    "scope_text": "conditions",
    "targets_text": "owners",
}


def tables(page: str) -> str:
    """One section a CSV, in the order of the code, with the meanings that `page` has."""
    return "\n".join(
        f"### {name}.csv\n\n{HEAD}{_rows(table, meanings(page, name))}"
        for name, table in TABLES.items()
    )


def meanings(page: str, name: str) -> dict[str, str]:
    section = page.partition(f"### {name}.csv\n")[2].split("\n#")[0]
    return dict(ROW.findall(section))


def _rows(table: ReferenceTable, meanings: Mapping[str, str]) -> str:
    return "".join(
        f"| `{name}`{' *glob*' if name in table.globs else ''} | {_holds(column)} |"
        f" {_empty(table, name, column)} | {meanings.get(name, '')} |\n"
        for name, column in table.columns.items()
    )


def _holds(column: Column) -> str:
    if column.read.__qualname__ != "choice.<locals>.read":
        return HOLDS[column.read.__name__]
    [cell] = column.read.__closure__ or ()
    if cell.cell_contents == PRICED:
        return "meter, or `requests`"
    return ", ".join(f"`{each}`" for each in cell.cell_contents)


def _empty(table: ReferenceTable, name: str, column: Column) -> str:
    if column.required:
        return "refused"
    for names, what in ((table.any_of, "one of {} says it"), (table.some_of, "some set_ says one")):
        if name in names:
            return what.format("the two")
    if column.empty in (START, END):
        return "open"
    return "" if column.empty in (None, "") else f"`{column.empty}`"
