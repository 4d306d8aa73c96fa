"""`corrections` of tollbook.yaml: which corrections of closed months post by themselves."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ingestion.vocabulary import CORRECTION_REASONS
from ingestion.workspace.entries import Entries

KEYS: Final = ("reasons", "from_amount")
BY_THEMSELVES: Final = ("restated_bill", "credit_note", "late_log")


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
