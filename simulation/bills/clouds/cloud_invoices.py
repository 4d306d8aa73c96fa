"""The invoices of clouds: what their bills say of AI, by month and seller, rounded once.

Services that are no AI are on the same paper in life; `covers` of invoices.csv is `ai`.
"""

from collections import defaultdict
from typing import Final

from simulation.bills.clouds.months import invoice_number, next_month, seller
from simulation.bills.invoices import ISSUED_AFTER_MONTH, Invoice
from simulation.bills.ledger import Ledger
from simulation.company.catalog import Deployment, SubAccount
from simulation.company.provider_prices import cents

PARTS: Final = ("", "tax", "credit")

# (provider, account, month, seller)
Paper = tuple[str, str, str, str]


def cloud_invoices(ledger: Ledger) -> list[Invoice]:
    sums: dict[Paper, dict[str, int]] = defaultdict(lambda: dict.fromkeys(PARTS, 0))

    def add(sub: SubAccount, of: Deployment | None, month: str, kind: str, pico: int) -> None:
        paper = sums[sub.provider, sub.account, month, seller(of)]
        paper[""] += pico
        if kind in ("tax", "credit"):
            paper[kind] += pico

    for cell in ledger.cloud_cells():
        for month, pico in cell.months():
            add(cell.deployment.sub_account, cell.deployment, month, "usage", pico)
    for other in ledger.other_charges:
        if other.sub_account.is_cloud and other.kind != "foreign":
            add(other.sub_account, other.of, f"{other.day:%Y-%m}", other.kind, other.pico)
    return [
        Invoice(
            *(provider, account, invoice_number(account, month, sold_by), month),
            *(cents(paper[""]), cents(paper["tax"]), cents(paper["credit"])),
            next_month(month) + ISSUED_AFTER_MONTH,
        )
        for (provider, account, month, sold_by), paper in sorted(sums.items())
    ]
