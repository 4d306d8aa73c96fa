"""What becomes known of the closed months of the company of seven: a change each."""

from decimal import Decimal
from pathlib import Path
from typing import Final

from tests.pipeline.seven_months import (
    DAYS,
    LARGE,
    MONTHS,
    PRICES,
    USES,
    openai_invoice,
    page_of,
    price_line,
    requests_of,
)
from tests.scenarios.companies import log

LATE, RESTATED, CREDITED, REPRICED, MOVED = MONTHS[1:6]
DEARER: Final = 20


def late_requests(folder: Path) -> None:
    """A thousand of blue's: of the key that both have, and of the small model that both use."""
    day = LATE.replace(day=DAYS[2])
    of_blue = [use for use in USES if use.team == "blue" and use.model != LARGE]
    requests = [late for use in of_blue for late in requests_of(use, day, 500, "late")]
    assert len(requests) == 1000
    (folder / "logs" / "late.ndjson").write_text(log(requests))


def restated_bill(folder: Path) -> None:
    """A line of key k2 is 5.00 more, and so says the vendor's corrected invoice."""
    (folder / "bills" / "openai" / f"{RESTATED}.json").write_text(
        page_of(RESTATED, more=Decimal(5))
    )
    _in_csv(folder, "invoices", openai_invoice(RESTATED), openai_invoice(RESTATED, more=Decimal(5)))


def credit_note(folder: Path) -> None:
    _in_csv(
        folder, "invoices", openai_invoice(CREDITED), openai_invoice(CREDITED, credit=Decimal(-3))
    )


def price_change(folder: Path) -> None:
    """Output was dearer for a month than anybody knew; the months beside it cost what they did."""
    of_output = price_line(LARGE, "output", PRICES[LARGE][1])
    after = MONTHS[MONTHS.index(REPRICED) + 1]
    lines = [
        price_line(LARGE, "output", PRICES[LARGE][1], until=REPRICED),
        price_line(LARGE, "output", DEARER, REPRICED, after),
        price_line(LARGE, "output", PRICES[LARGE][1], after),
    ]
    _in_csv(folder, "prices", of_output, "".join(lines))


def moved_team(folder: Path) -> None:
    """Blue's key is green's from a closed month on."""
    lines = f"proxy,k2,blue,search,,{MOVED}\nproxy,k2,green,search,{MOVED},\n"
    _in_csv(folder, "credentials", "proxy,k2,blue,search,,\n", lines)


def _in_csv(folder: Path, name: str, line: str, lines: str) -> None:
    file = folder / "reference" / f"{name}.csv"
    text = file.read_text()
    assert text.count(line) == 1
    file.write_text(text.replace(line, lines))


CHANGES: Final = (late_requests, restated_bill, credit_note, price_change, moved_team)
