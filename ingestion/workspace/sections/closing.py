"""What of tollbook.yaml says how months are closed.

`closing`: on which day of the next month the schedules close one. `corrections`: which corrections
of closed months post by themselves. `journals`: for which ledgers
journals are written, and what only you know of them; what a layout looks like is data,
`orchestration/exports/journals/layouts`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import yaml

from ingestion.vocabulary import CORRECTION_REASONS
from ingestion.workspace.entries import Entries
from ingestion.workspace.marked_yaml import MarkedYaml, is_empty

KEYS: Final = ("reasons", "from_amount")
BY_THEMSELVES: Final = ("restated_bill", "credit_note", "exchange_rate", "late_log")
DATE_FORMATS: Final = ("YYYY-MM-DD", "MM/DD/YYYY", "DD/MM/YYYY", "YYYY/MM/DD", "YYYYMMDD")
MOST_SEGMENTS: Final = 30
DAYS: Final = {"accrue_on": 3, "close_on": 10}
LAST_DAY: Final = 28
MOST_TRACKING: Final = 2


@dataclass(frozen=True, slots=True)
class Corrections:
    """`from_amount`: in the reporting currency, of the team that is corrected most."""

    reasons: tuple[str, ...] = BY_THEMSELVES
    from_amount: Decimal = Decimal("1.00")


def read_corrections(top: Entries) -> Corrections:
    if not top.given("corrections"):
        return Corrections()
    entry = Entries(top.document, top.nodes["corrections"], "`corrections`", KEYS)
    return Corrections(_reasons(entry), entry.amount("from_amount", "1.00"))


def _reasons(entry: Entries) -> tuple[str, ...]:
    if "reasons" not in entry.nodes:
        return BY_THEMSELVES
    found: list[str] = []
    for item in entry.document.items(entry.nodes["reasons"], "`reasons`"):
        reason = entry.document.text(item, "a reason of `corrections`")
        if reason in CORRECTION_REASONS:
            found.append(reason)
        elif reason is not None:
            known = ", ".join(CORRECTION_REASONS)
            entry.document.problem(item, f"`reasons`: `{reason}` is not one of {known}")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Closing:
    """Days of the next month: a soft close, which accrues, and a close."""

    accrue_on: int = DAYS["accrue_on"]
    close_on: int = DAYS["close_on"]


def read_closing(top: Entries) -> Closing:
    if not top.given("closing"):
        return Closing()
    entry = Entries(top.document, top.nodes["closing"], "`closing`", tuple(DAYS))
    found = {name: entry.number(name, day, "days") for name, day in DAYS.items()}
    for name, day in found.items():
        if not 1 <= day <= LAST_DAY:
            entry.problem(name, f"`{name}: {day}`: say a day that every month has, 1 to {LAST_DAY}")
    return Closing(**found)


@dataclass(frozen=True, slots=True)
class Facts:
    """Keys of an entry beside `layout`."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


_OF_ALL: Final = ("prefix", "cost_center", "ignore")
LAYOUTS: Final[Mapping[str, Facts]] = {
    "netsuite": Facts((), ("subsidiary", "vendors", "date_format", "columns")),
    "oracle_fusion": Facts(("ledger_id", "source", "category", "segments"), ("group_id",)),
    "sap_s4hana": Facts(("company_code", "document_type"), ("columns",)),
    "workday": Facts(
        ("company", "journal_source"),
        ("ledger_type", "book_code", "balancing_worktag", "date_format", "columns"),
    ),
    "quickbooks": Facts((), ("vendors", "date_format", "columns")),
    "xero": Facts(("tax_rate",), ("tracking",)),
    "dynamics365": Facts(("journal_name",), ("account_format", "date_format", "columns")),
}


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """`facts`: text by key; `segments`, `tracking` and `ignore` are lists, `vendors` and `columns`
    mappings (of a column that is left out None).
    """

    layout: str
    facts: Mapping[str, Any]


def read_journals(top: Entries) -> tuple[JournalEntry, ...]:
    if not top.given("journals"):
        return ()
    found: list[JournalEntry] = []
    for node in top.document.items(top.nodes["journals"], "`journals`"):
        entry = Entries(top.document, node, "an entry of `journals`")
        layout = entry.choice("layout", tuple(LAYOUTS))
        if any(layout == other.layout for other in found):
            entry.problem("layout", f"layout `{layout}` is given twice in `journals`: keep one")
        elif layout in LAYOUTS:
            found.append(JournalEntry(layout, _facts(top.document, node, layout)))
    return tuple(found)


def _facts(document: MarkedYaml, node: yaml.Node, layout: str) -> dict[str, Any]:
    asked = LAYOUTS[layout]
    known = ("layout", *asked.required, *asked.optional, *_OF_ALL)
    entry = Entries(document, node, f"`{layout}` of `journals`", known)
    given = [name for name in (*asked.required, *asked.optional, *_OF_ALL) if entry.given(name)]
    for name in asked.required:
        if name not in given:
            entry.text(name)  # notes that it is missing
    return {name: _READ.get(name, _text)(entry, name) for name in given}


def _text(entry: Entries, name: str) -> str:
    return entry.text(name)


def _date_format(entry: Entries, name: str) -> str:
    return entry.choice(name, DATE_FORMATS)


def _prefix(entry: Entries, name: str) -> str:
    return entry.matching(name, "[A-Za-z0-9]{1,5}", "1 to 5 letters and digits")


def _list(most: int) -> Callable[[Entries, str], list[str]]:
    def read(entry: Entries, name: str) -> list[str]:
        items = entry.document.items(entry.nodes[name], f"`{name}`")
        if len(items) > most:
            entry.problem(name, f"`{name}` has {len(items)} items: at most {most}")
        return [entry.document.text(item, f"an item of `{name}`") or "" for item in items]

    return read


def _texts(entry: Entries, name: str) -> dict[str, str | None]:
    """Text by text; a value may be empty of `columns` alone."""
    document = entry.document
    nodes = document.mapping(entry.nodes[name], f"`{name}`")
    return {
        key: None
        if name == "columns" and is_empty(value)
        else document.text(value, f"`{key}` of `{name}`")
        for key, value in nodes.items()
    }


_READ: Final[Mapping[str, Callable[[Entries, str], Any]]] = {
    "date_format": _date_format,
    "prefix": _prefix,
    "segments": _list(MOST_SEGMENTS),
    "tracking": _list(MOST_TRACKING),
    "ignore": _list(100),
    "vendors": _texts,
    "columns": _texts,
}
