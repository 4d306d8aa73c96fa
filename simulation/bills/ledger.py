"""What the providers bill: exact sums of truth, by day, deployment and service tier."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from simulation.company.catalog import Contract, Deployment, SubAccount
from simulation.company.provider_prices import METERS, UnitPrices, billed_prices
from simulation.traffic.attempt import Attempt, Tokens

EPOCH: Final = date(1970, 1, 1)
HOURS_PER_DAY: Final = 24
NOON: Final = 12

# (team, environment) as a call's labels say them, and the hour since 1970 in which it was used
Labels = tuple[str, str]
LabelledHour = tuple[int, Labels]
UNLABELLED: Final = ("", "")
# a month of Google's invoices begins at midnight there
PACIFIC: Final = "America/Los_Angeles"


@dataclass(slots=True)
class Cell:
    """Everything of one day that one provider key used of one model in one service tier."""

    day: date
    deployment: Deployment
    service_tier: str
    prices: UnitPrices  # pico-dollars per token
    tokens: list[int]
    requests: int
    # of a cloud: tokens by meter, then those of the output that are reasoning
    hours: dict[LabelledHour, list[int]] = field(default_factory=dict)

    def charges(self) -> Iterator[tuple[str, int, int]]:
        """(meter, tokens, pico-dollars) of each meter that was used."""
        for meter, tokens, price in zip(METERS, self.tokens, self.prices, strict=True):
            if tokens:
                yield meter, tokens, tokens * price

    def billed(self) -> int:
        return sum(pico for _, _, pico in self.charges())

    def months(self) -> Iterator[tuple[str, int]]:
        """(month of the invoice, pico-dollars of it)."""
        if self.deployment.provider != "google":
            yield f"{self.day:%Y-%m}", self.billed()
            return
        for (hour, _), (*tokens, _) in self.hours.items():
            pico = sum(count * price for count, price in zip(tokens, self.prices, strict=True))
            yield pacific_month(hour), pico


def pacific_month(hour: int) -> str:
    """The Pacific month of an hour since 1970, like `2026-09`."""
    moment = datetime.fromtimestamp(hour * 3600, ZoneInfo(PACIFIC))
    return f"{moment:%Y-%m}"


@dataclass(frozen=True, slots=True)
class OtherCharge:
    """A line of the bill that is not tokens.

    `kind`: `` for what the format has words for; of clouds also tax, credit, refund, unknown,
    capacity, rounding, and foreign for a service that is no AI and nobody's question here.
    """

    day: date
    sub_account: SubAccount
    line_item: str
    quantity: int
    quantity_unit: str
    pico: int
    kind: str = ""
    of: Deployment | None = None  # what a refund takes back
    hour: int | None = None  # of that, since 1970

    @property
    def start(self) -> int:
        """The hour since 1970 that it begins in."""
        return (self.day - EPOCH).days * HOURS_PER_DAY if self.hour is None else self.hour


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
            labels = attempt.feature.team.team_id, attempt.key.environment
            at = attempt.usage_hour, labels
            self.meter(cell, tokens, attempt.batched_requests, at, attempt.reasoning)
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

    def meter(
        self,
        cell: Cell,
        tokens: Tokens,
        requests: int,
        at: LabelledHour | None = None,
        reasoning: int = 0,
    ) -> None:
        """`at` is noon without labels where nothing says more; `reasoning` a part of the output."""
        for place, count in enumerate(tokens):
            cell.tokens[place] += count
        cell.requests += requests
        if cell.deployment.cloud is not None:
            at = at or ((cell.day - EPOCH).days * HOURS_PER_DAY + NOON, UNLABELLED)
            sums = cell.hours.setdefault(at, [0] * (len(METERS) + 1))
            for place, count in enumerate((*tokens, reasoning)):
                sums[place] += count

    def cells(self, provider: str) -> dict[date, list[Cell]]:
        """The used cells of a provider by day."""
        days: dict[date, list[Cell]] = {}
        for cell in self._cells.values():
            if cell.requests and cell.deployment.provider == provider:
                days.setdefault(cell.day, []).append(cell)
        return days

    def cloud_cells(self) -> list[Cell]:
        return [
            cell
            for cell in self._cells.values()
            if cell.requests and cell.deployment.cloud is not None
        ]

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
            (cell.deployment.sub_account, month, pico)
            for cell in self._cells.values()
            if cell.requests
            for month, pico in cell.months()
        ] + [
            (other.sub_account, f"{other.day:%Y-%m}", other.pico)
            for other in self.other_charges
            if other.kind != "foreign"
        ]
        for sub_account, month, pico in charges:
            name = (sub_account.provider, sub_account.account, month)
            sums[name] = sums.get(name, 0) + pico
        return dict(sorted(sums.items()))
