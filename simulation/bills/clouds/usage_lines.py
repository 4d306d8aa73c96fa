"""What the clouds' bills have in common: usage by hour or day, deployment, tier, meter, labels."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from simulation.bills.ledger import HOURS_PER_DAY, UNLABELLED, Cell, LabelledHour, Labels, Ledger
from simulation.company.catalog import Deployment
from simulation.company.provider_prices import METERS, PICO, dollars, list_prices

OUTPUT: Final = METERS[-1]
THINKING: Final = "thinking"  # a part of the output that some bills have apart


@dataclass(frozen=True, slots=True)
class UsageLine:
    """`start` is an hour since 1970; `pico` is paid, `list_pico` the same without a contract."""

    start: int
    deployment: Deployment
    service_tier: str
    labels: Labels
    meter: str
    tokens: int
    list_pico: int
    pico: int

    @property
    def unit_list_pico(self) -> int:
        return self.list_pico // self.tokens


@dataclass(frozen=True, slots=True)
class Grain:
    """What a cloud's bill tells apart."""

    hours: bool = True  # else days
    labels: bool = False
    thinking: bool = False


def usage_lines(ledger: Ledger, provider: str, grain: Grain) -> list[UsageLine]:
    """In an order that repeats; rows that a correction took back to nothing are not there."""
    lines = [
        line
        for cells in ledger.cells(provider).values()
        for cell in cells
        for line in _lines(cell, grain)
    ]
    return sorted(lines, key=_order)


def _lines(cell: Cell, grain: Grain) -> Iterator[UsageLine]:
    listed = list_prices(cell.deployment.model, cell.service_tier)
    for (start, labels), (*counts, reasoning) in _summed(cell, grain).items():
        apart = reasoning if grain.thinking else 0
        counts[-1] -= apart
        meters = (*METERS, THINKING)
        prices, at_list = (*cell.prices, cell.prices[-1]), (*listed, listed[-1])
        for meter, tokens, price, full in zip(
            meters, (*counts, apart), prices, at_list, strict=True
        ):
            if tokens:
                yield UsageLine(
                    *(start, cell.deployment, cell.service_tier, labels, meter, tokens),
                    *(tokens * full, tokens * price),
                )


def _summed(cell: Cell, grain: Grain) -> dict[LabelledHour, list[int]]:
    sums: dict[LabelledHour, list[int]] = {}
    for (hour, labels), counts in cell.hours.items():
        start = hour if grain.hours else hour // HOURS_PER_DAY * HOURS_PER_DAY
        name = start, labels if grain.labels else UNLABELLED
        before = sums.setdefault(name, [0] * len(counts))
        sums[name] = [one + other for one, other in zip(before, counts, strict=True)]
    return sums


def _order(line: UsageLine) -> tuple[object, ...]:
    deployment = line.deployment
    place = deployment.sub_account.sub_account_id or "", deployment.bill_model
    return (
        line.start, *place, deployment.deployment_id, line.service_tier, line.labels, line.meter
    )  # fmt: skip


def quantity(tokens: int, of_unit: int) -> str:
    """Tokens in units of 1, 1,000 or 1,000,000 as an exact decimal."""
    return dollars(tokens * (PICO // of_unit))
