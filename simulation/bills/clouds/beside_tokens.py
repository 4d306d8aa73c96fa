"""What a cloud's bill has beside tokens: other services, tax, credits, refunds, idle capacity."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from simulation.bills.ledger import Ledger, OtherCharge
from simulation.company.catalog import Company, SubAccount
from simulation.company.provider_prices import PICO

PICO_PER_CENT: Final = PICO // 100
DAILY, FIFTH, TENTH, TWENTIETH = 0, 5, 10, 20  # days of the month


@dataclass(frozen=True, slots=True)
class Kept:
    """A charge that comes each day, or on one day of the month."""

    on: int
    kind: str
    line_item: str
    quantity: int
    unit: str
    cents: int


BESIDE: Final = {
    "aws": (
        Kept(DAILY, "foreign", "AmazonEC2", 240, "Hrs", 2304),
        Kept(DAILY, "foreign", "AmazonS3", 12, "GB-Mo", 28),
        Kept(TENTH, "foreign", "AWSSupportBusiness", 1, "Dollar", 10_000),
        Kept(FIFTH, "tax", "Tax for product code AmazonBedrock", 0, "", 137),
        Kept(TENTH, "credit", "AWS Activate credit", 0, "", -250),
        Kept(TWENTIETH, "unknown", "USE1-Quantum9-entangled-units", 7, "Units", 63),
    ),
    "azure": (
        Kept(DAILY, "foreign", "vm", 48, "1 Hour", 461),
        Kept(DAILY, "foreign", "blob", 9, "1 GB/Month", 17),
        Kept(DAILY, "foreign", "content_safety", 3, "1K", 113),
        Kept(DAILY, "capacity", "Provisioned Managed Global Unit", 24, "1 Hour", 2400),
        Kept(TWENTIETH, "unknown", "gpt quantum 9 entangled glbl", 7, "1K", 63),
        Kept(TENTH, "rounding", "Rounding Adjustment", 1, "", 1),
    ),
    "google": (
        Kept(DAILY, "foreign", "compute", 86_400, "seconds", 331),
        Kept(DAILY, "foreign", "storage", 10**12, "byte-seconds", 9),
        Kept(FIFTH, "foreign", "support", 1, "requests", 5000),
        Kept(TENTH, "credit", "Free trial credit", 0, "", -150),
        Kept(TWENTIETH, "unknown", "Gemini Quantum 9 Entangled Input", 7, "count", 63),
        Kept(FIFTH, "capacity", "Vertex AI: Provisioned Throughput 1 month", 1, "mo", 1999),
    ),
}
MONEY_OF_PAPER: Final = ("tax", "credit")


def bill_beside_tokens(
    ledger: Ledger, company: Company, day: date, *, services: bool, paper: bool
) -> None:
    """A day's charges. `paper`: tax and credits; `services`: all others."""
    for sub in _first_of_each_cloud(company):
        for kept in BESIDE[sub.provider]:
            wanted = paper if kept.kind in MONEY_OF_PAPER else services
            if wanted and kept.on in (DAILY, day.day):
                ledger.other_charges.append(
                    OtherCharge(
                        *(day, sub, kept.line_item, kept.quantity, kept.unit),
                        *(kept.cents * PICO_PER_CENT, kept.kind),
                    )
                )


def _first_of_each_cloud(company: Company) -> list[SubAccount]:
    found: dict[str, SubAccount] = {}
    for sub in company.sub_accounts:
        if sub.is_cloud and sub.name == "prod":
            found.setdefault(sub.provider, sub)
    return list(found.values())
