"""What clouds' bills have that a model provider's own have not, and what happens to all of them."""

from collections.abc import Iterator
from random import Random
from typing import Final

from simulation.bills.clouds.aws_names import usage_type
from simulation.bills.clouds.azure_lines import meter_name
from simulation.bills.clouds.google import sku_description
from simulation.bills.clouds.usage_lines import UsageLine
from simulation.bills.ledger import HOURS_PER_DAY, UNLABELLED, OtherCharge
from simulation.company.catalog import SubAccount
from simulation.company.provider_prices import PICO, dollars
from simulation.faults.company import Company, Event, Shortage
from simulation.faults.finding import Finding

PICO_PER_CENT: Final = PICO // 100
SERVICES: Final = {
    "aws": ("AmazonEC2", "AmazonS3", "AWSSupportBusiness"),
    "azure": ("vm", "blob", "content_safety"),
    "google": ("compute", "storage", "support"),
}
UNKNOWN: Final = {
    "aws": ("USE1-Quantum9-entangled-units", "Units"),
    "azure": ("gpt quantum 9 entangled glbl", "1K"),
    "google": ("Gemini Quantum 9 Entangled Input", "count"),
}
CAPACITY: Final = {
    "aws": ("USE1-NovaPro-ProvisionedThroughput-ModelUnits", "Hours"),
    "azure": ("Provisioned Managed Global Unit", "1 Hour"),
    "google": ("Vertex AI: Provisioned Throughput 1 month", "mo"),
}
MARKS: Final = {"aws": usage_type, "azure": meter_name, "google": sku_description}
REFUNDED_DAY: Final = 5
INPUT: Final = 0


def other_services(company: Company, rng: Random) -> Finding:
    """Of each cloud more dollars than the models cost."""
    for sub in _clouds(company):
        for place in range(14):
            for service in SERVICES[sub.provider]:
                _charge(company, sub, place, "foreign", service, rng.randint(300, 9000))
    return Finding("each bill has machines, storage and support, dearer than all models")


def cloud_credit(company: Company, rng: Random) -> Finding:
    cents = 0
    for sub in _clouds(company):
        if sub.provider != "azure":  # whose credits are on paper alone
            cents += _on_bill(company, sub, "credit", "Promotional credit", -rng.randint(90, 250))
    return Finding(
        f"{dollars(-cents * PICO_PER_CENT)} of credits in the rows of bills",
        {"credit": cents * PICO_PER_CENT},
    )


def cloud_tax(company: Company, rng: Random) -> Finding:
    cents = 0
    for sub in _clouds(company):
        if sub.provider == "aws":
            words = "Tax for product code AmazonBedrock"
            cents += _on_bill(company, sub, "tax", words, 137)
        else:
            month = f"{company.day(11):%Y-%m}"
            company.beyond_bill[sub.account, month] = 59, 0
            cents += 59
    return Finding(
        f"{dollars(cents * PICO_PER_CENT)} of tax, in rows of AWS, elsewhere on invoices alone",
        {"tax": cents * PICO_PER_CENT},
    )


def unknown_sku(company: Company, rng: Random) -> Finding:
    pico = 0
    for sub in _clouds(company):
        words, unit = UNKNOWN[sub.provider]
        company.ledger.other_charges.append(
            OtherCharge(company.day(9), sub, words, 7, unit, 1_234_567_891, "unknown")
        )
        pico += 1_234_567_891
    return Finding("a usage type, a meter or a SKU that nobody knows", {"unparsed": pico})


def idle_capacity(company: Company, rng: Random) -> Finding:
    """Bought by the hour, used by no request, and in no line of capacity.csv."""
    pico = 0
    for sub in _clouds(company):
        words, unit = CAPACITY[sub.provider]
        for place in range(3, 8):
            cost = 24 * PICO
            company.ledger.other_charges.append(
                OtherCharge(company.day(place), sub, words, 24, unit, cost, "capacity")
            )
            pico += cost
    return Finding("provisioned units that no request uses, on five days", {"non_token": pico})


def refunded_line(company: Company, rng: Random) -> Finding:
    """Half of the largest line of a day is given back, under the line's own words."""
    pico = 0
    for sub in _clouds(company):
        events = _largest_line(company, sub)
        given = 0
        for event in events:
            fresh, *rest = event.costs
            event.costs = (fresh - fresh // 2, *rest)  # type: ignore[assignment]
            given += fresh // 2
        first = events[0].attempt
        line = UsageLine(
            *(_start(first.usage_hour, sub), first.deployment, first.service_tier, UNLABELLED),
            *("input", 1, 0, 0),
        )
        charge = OtherCharge(
            *(events[0].day, sub, MARKS[sub.provider](line), 0, "", -given, "refund"),
            *(first.deployment, line.start),
        )
        company.ledger.other_charges.append(charge)
        pico += given
    return Finding("half of a line is refunded on each bill", {"rate_variance": -pico})


def used_sandbox(company: Company, rng: Random) -> Finding:
    """Accounts that the gateway does not use: one of a team, one that nobody claims."""
    shortages = []
    for key in company.catalog.outside_keys:
        for place in (2, 9):
            day = company.day(place)
            tokens = (rng.randint(10_000, 90_000), 0, 0, 0, rng.randint(1000, 9000))
            pico = company.meter(key.deployment, "standard", day, tokens)
            team = {"team": key.team.team_id} if key.team else {}
            shortages.append(Shortage(key.deployment, day, pico, **team))
    company.shortages += shortages
    return Finding("accounts that no gateway uses are billed on two days", shortages=shortages)


def restated_export(company: Company, rng: Random) -> Finding:
    """The first delivery has usage that the next one has not."""
    for sub in _clouds(company):
        used = next(each for each in company.catalog.deployments if each.sub_account is sub)
        for place in (5, 12, 14):
            tokens = (30_000 + place, 0, 0, 0, 2000)
            company.first_pull_only.append((used, "standard", company.day(place), tokens))
    return Finding("a second delivery of each month takes back what the first had too much")


def _clouds(company: Company) -> Iterator[SubAccount]:
    return (sub for sub in company.catalog.sub_accounts if sub.is_cloud and sub.name == "prod")


def _charge(
    company: Company, sub: SubAccount, place: int, kind: str, words: str, cents: int
) -> None:
    company.ledger.other_charges.append(
        OtherCharge(company.day(place), sub, words, 1, "", cents * PICO_PER_CENT, kind)
    )


def _on_bill(company: Company, sub: SubAccount, kind: str, words: str, cents: int) -> int:
    """Cents of a row of the bill, which the month's invoice says too."""
    _charge(company, sub, 11, kind, words, cents)
    month = f"{company.day(11):%Y-%m}"
    tax, credit = company.on_bill.get((sub.account, month), (0, 0))
    tax += cents if kind == "tax" else 0
    credit += cents if kind == "credit" else 0
    company.on_bill[sub.account, month] = tax, credit
    return cents


def _largest_line(company: Company, sub: SubAccount) -> list[Event]:
    """The events on the line of fresh input with most money, of all that use it."""
    lines: dict[tuple[object, ...], list[Event]] = {}
    for event in company.visible(days=(REFUNDED_DAY,)):
        attempt = event.attempt
        if attempt.deployment.sub_account is sub and attempt.service_tier == "standard":
            hour = _start(attempt.usage_hour, sub)
            labels = event.at[1] if sub.provider == "google" else UNLABELLED
            lines.setdefault((hour, attempt.deployment, labels), []).append(event)
    return max(lines.values(), key=lambda events: sum(event.costs[INPUT] for event in events))


def _start(hour: int, sub: SubAccount) -> int:
    return hour // HOURS_PER_DAY * HOURS_PER_DAY if sub.provider == "azure" else hour
