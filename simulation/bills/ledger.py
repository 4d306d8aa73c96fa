"""What the providers bill: exact sums of truth, by day, deployment and service tier."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from simulation.company.catalog import Contract, Deployment, SubAccount
from simulation.company.provider_prices import METERS, UnitPrices, billed_prices
from simulation.traffic.attempt import Attempt, Tokens

EPOCH: Final = date(1970, 1, 1)


@dataclass(slots=True)
class Cell:
    """Everything of one day that one provider key used of one model in one service tier."""

    day: date
    deployment: Deployment
    service_tier: str
    prices: UnitPrices  # pico-dollars per token
    tokens: list[int]
    requests: int

    def charges(self) -> Iterator[tuple[str, int, int]]:
        """(meter, tokens, pico-dollars) of each meter that was used."""
        for meter, tokens, price in zip(METERS, self.tokens, self.prices, strict=True):
            if tokens:
                yield meter, tokens, tokens * price

    def billed(self) -> int:
        return sum(pico for _, _, pico in self.charges())


@dataclass(frozen=True, slots=True)
class OtherCharge:
    """A line of the bill that is not tokens."""

    day: date
    sub_account: SubAccount
    line_item: str
    quantity: int
    quantity_unit: str
    pico: int


class Ledger:
    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._cells: dict[tuple[int, Deployment, str], Cell] = {}
        self.other_charges: list[OtherCharge] = []

    def bill(self, attempt: Attempt) -> Tokens:
        """Bills an attempt; returns its pico-dollars by meter."""
        tokens = attempt.metered
        cell = self.cell(attempt.usage_day, attempt.deployment, attempt.service_tier)
        if attempt.outcome == "success":
            self.meter(cell, tokens, attempt.batched_requests)
        prices = cell.prices
        return (
            tokens[0] * prices[0],
            tokens[1] * prices[1],
            tokens[2] * prices[2],
            tokens[3] * prices[3],
            tokens[4] * prices[4],
        )

    def cell(self, day: int, deployment: Deployment, service_tier: str) -> Cell:
        """`day` counts from 1970."""
        name = (day, deployment, service_tier)
        cell = self._cells.get(name)
        if cell is None:
            on = EPOCH + timedelta(days=day)
            prices = billed_prices(deployment, service_tier, on, self._contract)
            cell = self._cells[name] = Cell(on, deployment, service_tier, prices, [0] * 5, 0)
        return cell

    def meter(self, cell: Cell, tokens: Tokens, requests: int) -> None:
        for place, count in enumerate(tokens):
            cell.tokens[place] += count
        cell.requests += requests

    def cells(self, provider: str) -> dict[date, list[Cell]]:
        """The used cells of a provider by day."""
        days: dict[date, list[Cell]] = {}
        for cell in self._cells.values():
            if cell.requests and cell.deployment.provider == provider:
                days.setdefault(cell.day, []).append(cell)
        return days

    def of_account(self, account: str) -> "Ledger":
        """One billing account's part of it."""
        part = Ledger(self._contract)
        part._cells = {
            name: cell for name, cell in self._cells.items() if cell.deployment.account == account
        }
        part.other_charges = [
            other for other in self.other_charges if other.sub_account.account == account
        ]
        return part

    def billed_by_month(self) -> dict[tuple[str, str, str], int]:
        """Pico-dollars by (provider, account, month like `2026-09`), in that order."""
        sums: dict[tuple[str, str, str], int] = {}
        charges = [
            (cell.deployment.sub_account, cell.day, cell.billed())
            for cell in self._cells.values()
            if cell.requests
        ] + [(other.sub_account, other.day, other.pico) for other in self.other_charges]
        for sub_account, day, pico in charges:
            name = (sub_account.provider, sub_account.account, f"{day:%Y-%m}")
            sums[name] = sums.get(name, 0) + pico
        return dict(sorted(sums.items()))
