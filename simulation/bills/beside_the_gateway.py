"""What the providers bill that no log explains: keys used past the gateway, and storage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any, Final

from simulation.bills.ledger import Ledger, OtherCharge
from simulation.company.catalog import Company, OutsideKey
from simulation.company.provider_prices import PICO, dollars
from simulation.traffic.trace_shapes import Traces

INPUT_SCALE: Final = 8
OUTPUT_SCALE: Final = 20
STORAGE_GIBIBYTES: Final = 2
STORAGE_PRICE_PER_DAY: Final = PICO // 10  # ten cents a gibibyte and day
HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class OutsideUse:
    """One day's use of one provider key past the gateway."""

    day: date
    key: OutsideKey
    requests: int
    tokens_in: int
    tokens_out: int
    pico: int

    def record(self) -> Mapping[str, Any]:
        deployment, team = self.key.deployment, self.key.team
        return {
            "usage_date": str(self.day),
            "provider": deployment.provider,
            "billing_account": deployment.account,
            "sub_account": deployment.sub_account.sub_account_id,
            "credential_id": deployment.credential_id,
            "owner_team": team.team_id if team else None,
            "model": deployment.model,
            "bill_model": deployment.bill_model,
            "requests": self.requests,
            "input_quantity": self.tokens_in,
            "output_quantity": self.tokens_out,
            "billed_cost": dollars(self.pico),
        }


class BesideTheGateway:
    """Bills a day's use past the gateway and remembers it."""

    def __init__(self, company: Company, ledger: Ledger, rng: Random) -> None:
        self._company = company
        self._ledger = ledger
        self._rng = rng
        self._shape = Traces(rng.random).tokens["azure_code"]
        self.uses: list[OutsideUse] = []

    def use_keys(self, day: int, gateway_calls: int) -> None:
        """`day` counts from 1970."""
        for key in self._company.outside_keys:
            requests = int(gateway_calls * key.daily_calls * 2 * self._rng.random())
            if not requests:
                continue
            tokens_in = tokens_out = 0
            for _ in range(requests):
                size_in, size_out = self._shape.draw()
                tokens_in += int(size_in * INPUT_SCALE)
                tokens_out += int(size_out * OUTPUT_SCALE)
            cell = self._ledger.cell(day, key.deployment, "standard")
            self._ledger.meter(cell, (tokens_in, 0, 0, 0, tokens_out), requests)
            self.uses.append(
                OutsideUse(cell.day, key, requests, tokens_in, tokens_out, cell.billed())
            )

    def store_vectors(self, day: date) -> None:
        product = self._company.sub_accounts[0]
        if product.provider != "openai":
            return
        self._ledger.other_charges.append(
            OtherCharge(
                day,
                product,
                "Vector storage",
                STORAGE_GIBIBYTES * HOURS,
                "gibibyte_hours",
                STORAGE_GIBIBYTES * STORAGE_PRICE_PER_DAY,
            )
        )
