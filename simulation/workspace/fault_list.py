"""`truth/faults.json`: what was made wrong on purpose, counted and with examples."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

from simulation.bills.beside_the_gateway import OutsideUse
from simulation.bills.invoices import Invoice, cents_as_dollars
from simulation.bills.ledger import OtherCharge
from simulation.company.catalog import Company
from simulation.company.provider_prices import dollars
from simulation.traffic.attempt import DAY, Attempt

EXAMPLES: Final = 5


class FaultList:
    """Takes every delivered attempt."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = {}

    def add(self, attempt: Attempt) -> None:
        if attempt.outcome != "success":
            self._note(attempt.outcome, attempt)
        if attempt.role != "primary":
            self._note(attempt.role, attempt)
        if attempt.service_tier != "standard":
            self._note(attempt.service_tier, attempt)
        if attempt.tag_fault:
            self._note(f"tags_{attempt.tag_fault}", attempt)
        if attempt.delivered_twice:
            self._note("delivered_twice", attempt)
        if attempt.delivered_late:
            self._note("delivered_late", attempt)
        if attempt.started // DAY != attempt.ended // DAY:
            self._note("crosses_midnight", attempt)

    def _note(self, fault: str, attempt: Attempt) -> None:
        self.counts[fault] += 1
        examples = self._examples.setdefault(fault, [])
        if len(examples) < EXAMPLES:
            examples.append(attempt.request_id)

    def write(
        self,
        file: Path,
        company: Company,
        outside: list[OutsideUse],
        other_charges: list[OtherCharge],
        invoices: list[Invoice],
    ) -> None:
        document = {
            "requests": dict(sorted(self.counts.items())),
            "examples": dict(sorted(self._examples.items())),
            "undeclared_discounts": _undeclared(company),
            "declared_discounts": [_declared(company)],
            "unknown_spellings": {
                each.raw: each.value for each in company.spellings if not each.folded
            },
            "invoices": [_invoice(invoice) for invoice in invoices],
            "outside_gateway": [use.record() for use in outside],
            "non_token": [_other(charge) for charge in other_charges],
        }
        file.write_text(json.dumps(document, indent=1) + "\n")


def _undeclared(company: Company) -> list[dict[str, Any]]:
    return [
        {
            "provider": sub.provider,
            "sub_account": sub.sub_account_id,
            "discount_percent": sub.undeclared_discount_percent,
        }
        for sub in company.sub_accounts
        if sub.undeclared_discount_percent
    ]


def _declared(company: Company) -> dict[str, Any]:
    contract = company.contract
    return {
        "provider": contract.provider,
        "model": contract.model,
        "discount_percent": contract.discount_percent,
        "valid_from": str(contract.valid_from),
    }


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "invoice_id": invoice.invoice_id,
        "provider": invoice.provider,
        "billing_month": invoice.billing_month,
        "amount": cents_as_dollars(invoice.amount),
        "tax": cents_as_dollars(invoice.tax),
        "credits": cents_as_dollars(invoice.credits),
    }


def _other(charge: OtherCharge) -> dict[str, Any]:
    said = {
        "usage_date": str(charge.day),
        "line_item": charge.line_item,
        "billed_cost": dollars(charge.pico),
    }
    if not charge.sub_account.is_cloud:
        return said
    return {"provider": charge.sub_account.provider, "kind": charge.kind, **said}
