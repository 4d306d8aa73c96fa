"""What of tollbook.yaml says how much above what is usual an hour of use is out of line."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ingestion.workspace.entries import Entries

KEYS: Final = ("floor",)
FLOOR: Final = "25.00"
# A user's hour is looked at from here on.
LEAST: Final = Decimal(5)


@dataclass(frozen=True, slots=True)
class Runaways:
    """`floor`: at list price, of one hour."""

    floor: Decimal = Decimal(FLOOR)


DEFAULT_RUNAWAYS: Final = Runaways()


def read_runaways(top: Entries) -> Runaways:
    if not top.given("runaways"):
        return DEFAULT_RUNAWAYS
    entry = Entries(top.document, top.nodes["runaways"], "`runaways`", KEYS)
    floor = entry.amount("floor", FLOOR)
    if floor < LEAST:
        entry.problem("floor", f"`floor: {floor}`: users are watched from {LEAST}.00 an hour on")
    return Runaways(floor)
