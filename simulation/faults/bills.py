"""What the bills say that no log explains, or say twice, or in words that nobody knows."""

from random import Random

from simulation.bills.ledger import OtherCharge
from simulation.company.provider_prices import PICO
from simulation.faults.company import Company, Shortage, Usage, negative
from simulation.faults.finding import Finding

PICO_PER_CENT = PICO // 100


def calls_outside_the_gateway(company: Company, rng: Random) -> Finding:
    """Keys that no log has: a script of one team, and one that nobody claims."""
    shortages = []
    for key in company.catalog.outside_keys:
        for place in (2, 6, 9):
            day = company.day(place)
            tokens = (rng.randint(10_000, 90_000), 0, 0, 0, rng.randint(1000, 9000))
            pico = company.meter(key.deployment, "standard", day, tokens)
            team = {"team": key.team.team_id} if key.team else {}
            shortages.append(Shortage(key.deployment, day, pico, **team))
    company.shortages += shortages
    return Finding("two keys that no log has are billed on three days", shortages=shortages)


def shared_key_used_directly(company: Company, rng: Random) -> Finding:
    """Somebody took the gateway's own provider key."""
    shortages = []
    for model, sub_account in (("gpt-4o", "product"), ("claude-haiku-4-5", "prod")):
        deployment = company.deployment(model, sub_account)
        for place in (1, 7):
            day = company.day(place)
            tokens = (rng.randint(10_000, 90_000), 0, 0, 0, rng.randint(1000, 9000))
            pico = company.meter(deployment, "standard", day, tokens)
            shortages.append(Shortage(deployment, day, pico))
    company.shortages += shortages
    return Finding(
        "two of the gateway's own keys are used past it, on two days", shortages=shortages
    )


def credit(company: Company, rng: Random) -> Finding:
    _on_invoice(company, "anthropic", "2026-09", credit=-321)
    _on_bill(company, "Promotional credit", credit=-250)
    return Finding(
        "3.21 on an invoice alone; 2.50 on the export and its invoice, which are one",
        {"credit": -571 * PICO_PER_CENT},
    )


def tax(company: Company, rng: Random) -> Finding:
    _on_invoice(company, "anthropic", "2026-10", tax=415)
    _on_bill(company, "Sales tax", tax=118)
    return Finding(
        "4.15 on an invoice alone; 1.18 on the export and its invoice, which are one",
        {"tax": 533 * PICO_PER_CENT},
    )


def unknown_line_item(company: Company, rng: Random) -> Finding:
    pico = 1_234_567_890_123
    _other(company, "quantum embeddings, tier 7", pico)
    return Finding("a line `quantum embeddings, tier 7`", {"unparsed": pico})


def restated_day(company: Company, rng: Random) -> Finding:
    """A first pull that a newer one restates: too much, too little, and a day to nothing."""
    gpt, haiku = (
        company.deployment("gpt-4o", "product"),
        company.deployment("claude-haiku-4-5", "prod"),
    )
    event = next(
        event for event in company.visible(days=(10,)) if event.attempt.deployment is haiku
    )
    changes: list[Usage] = [
        (gpt, "standard", company.day(5), (70_000, 0, 0, 0, 5000)),
        (haiku, "standard", company.day(10), negative(event.attempt.metered)),
        (gpt, "standard", company.day(14), (30_000, 0, 0, 0, 2000)),
        (haiku, "standard", company.day(14), (30_000, 0, 0, 0, 2000)),
    ]
    company.first_pull_only += changes
    return Finding("a second pull takes back usage of one day, adds to another, empties a third")


def _on_invoice(
    company: Company, provider: str, month: str, *, tax: int = 0, credit: int = 0
) -> None:
    """Cents that only the invoice says."""
    account = next(
        each.account for each in company.catalog.sub_accounts if each.provider == provider
    )
    was = company.beyond_bill.get((account, month), (0, 0))
    company.beyond_bill[account, month] = was[0] + tax, was[1] + credit


def _on_bill(company: Company, words: str, *, tax: int = 0, credit: int = 0) -> None:
    """Cents that a row of OpenAI's export of October says, and the invoice too."""
    account = company.catalog.sub_accounts[0].account
    _other(company, words, (tax + credit) * PICO_PER_CENT)
    was = company.on_bill.get((account, "2026-10"), (0, 0))
    company.on_bill[account, "2026-10"] = was[0] + tax, was[1] + credit


def _other(company: Company, words: str, pico: int) -> None:
    product = company.catalog.sub_accounts[0]
    charge = OtherCharge(company.day(11), product, words, 0, "units", pico)
    company.ledger.other_charges.append(charge)
