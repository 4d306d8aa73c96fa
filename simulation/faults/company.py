"""A simulated company in memory, to be made wrong on purpose before it is written.

It is the company of `tollbook simulate`, flawless: every attempt logged once with complete tags,
every discount on a contract, nothing billed beside the gateway, no tax, no credit.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from simulation.bills.ledger import EPOCH, LabelledHour, Ledger
from simulation.company import catalog
from simulation.company.catalog import Deployment
from simulation.company.fault_rates import FaultRates
from simulation.company.founding import epoch_microseconds, found_company
from simulation.company.industries import HR
from simulation.company.provider_prices import UnitPrices
from simulation.logs.litellm.log import LiteLLMLog
from simulation.traffic.attempt import Attempt, Tokens
from simulation.traffic.calendar_shape import requests_per_day
from simulation.traffic.traffic import Traffic

START: Final = date(2026, 9, 24)  # a Thursday; a contract starts on 1 October
DAYS: Final = 14
REQUESTS: Final = 3000
SEED: Final = 7

Record = dict[str, Any]
# (provider, day, model, feature, team, tier, cause): cause is "" where requests explain the money
Place = tuple[str, date, str, str, str, str, str]
Usage = tuple[Deployment, str, date, Tokens]  # with service tier
UNALLOCATED: Final = "__unallocated__"


@dataclass(slots=True, eq=False)
class Event:
    """One attempt, what it cost, and how its record reaches the log."""

    attempt: Attempt
    costs: Tokens  # pico-dollars by meter
    prices: UnitPrices  # of the bill, pico-dollars per token
    logged: bool = True
    late: bool = False  # its record arrives after the first run
    copies: int = 0  # more objects that have the record too
    tool_cost: int = 0  # of what is counted beside tokens, pico-dollars
    model: str = ""  # what was billed, where it is not the deployment's
    is_fast: bool = False  # of the standard tier at another speed, which has its own price
    edits: list[Callable[[Record], None]] = field(default_factory=list)

    @property
    def day(self) -> date:
        return EPOCH + timedelta(days=self.attempt.usage_day)

    @property
    def at(self) -> LabelledHour:
        """Where a cloud's bill has it."""
        attempt = self.attempt
        return attempt.usage_hour, (attempt.feature.team.team_id, attempt.key.environment)

    @property
    def cost(self) -> int:
        return sum(self.costs) + self.tool_cost


@dataclass(frozen=True, slots=True)
class Shortage:
    """Tokens that were billed and that no log has: whose, when, and how much money."""

    deployment: Deployment
    day: date
    pico: int
    team: str = UNALLOCATED


@dataclass(slots=True)
class Company:
    """What the bill, the log and the reference data will say."""

    catalog: catalog.Company
    ledger: Ledger
    log: LiteLLMLog
    events: list[Event]
    # days of bills and what is written beside the simulation's own documents
    billed_days: list[date]
    shortages: list[Shortage] = field(default_factory=list)
    # cents of (tax, credit) that an invoice says beyond its bill's rows, by (account, month)
    beyond_bill: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    # the same on the bill's rows, which the invoice says too
    on_bill: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    # usage that the first pull of the bills has and the second has not
    first_pull_only: list[Usage] = field(default_factory=list)
    edits: list[Callable[[Path], None]] = field(default_factory=list)  # of the written files
    # the same of the pages of a bill, given its provider: at each pull
    page_edits: list[Callable[[str, Path], None]] = field(default_factory=list)

    def day(self, place: int) -> date:
        return START + timedelta(days=place)

    def visible(self, *, outcome: str = "success", days: tuple[int, ...] = ()) -> list[Event]:
        """Logged attempts with an outcome, of some days."""
        chosen = {self.day(place) for place in days}
        return [
            event
            for event in self.events
            if event.logged
            and event.attempt.outcome == outcome
            and (not chosen or event.day in chosen)
        ]

    def deployment(self, model: str, sub_account: str) -> Deployment:
        """By model and the name of its project or workspace."""
        return next(
            each
            for each in self.catalog.deployments
            if each.model == model and each.sub_account.name == sub_account
        )

    def meter(
        self,
        deployment: Deployment,
        tier: str,
        day: date,
        tokens: Tokens,
        at: LabelledHour | None = None,
    ) -> int:
        """Bills tokens of a key (negative: takes them back); what they cost, pico-dollars."""
        cell = self.ledger.cell((day - EPOCH).days, deployment, tier)
        self.ledger.meter(cell, tokens, 1 if sum(tokens) > 0 else -1, at)
        return sum(count * price for count, price in zip(tokens, cell.prices, strict=True))

    def move(self, old: Deployment, new: Deployment, since: date = START) -> None:
        """What a deployment used from a day on was used, and is billed, by another one."""
        for event in self.events:
            attempt = event.attempt
            if attempt.deployment is old and event.day >= since:
                attempt.deployment = new
                if attempt.outcome == "success":
                    self.meter(old, attempt.service_tier, event.day, negative(attempt.metered))
                    self.meter(new, attempt.service_tier, event.day, attempt.metered)

    def places(self) -> Counter[Place]:
        """Where each pico-dollar of token money belongs, given what the log can know."""
        found: Counter[Place] = Counter()
        for event in self.events:
            if event.logged:
                found[_place_of(event)] += event.cost
        for shortage in self.shortages:
            deployment = shortage.deployment
            owner = (UNALLOCATED, shortage.team, UNALLOCATED)
            cause = self.cause(shortage)
            place = (deployment.provider, shortage.day, deployment.model, *owner, cause)
            found[place] += shortage.pico
        return +found

    def cause(self, shortage: Shortage) -> str:
        """Of billed tokens without a log: was the key seen with the model on that day at all?"""
        for event in self.events:
            used = event.attempt.deployment
            if (
                event.logged
                and event.day == shortage.day
                and used.model == shortage.deployment.model
                and used.credential_id == shortage.deployment.credential_id
            ):
                return "unlogged_usage"
        return "outside_gateway"


def negative(tokens: Tokens) -> Tokens:
    fresh, read, write_5m, write_1h, out = tokens
    return -fresh, -read, -write_5m, -write_1h, -out


def _place_of(event: Event) -> Place:
    attempt = event.attempt
    owner = (attempt.feature.feature_id, attempt.feature.team.team_id, attempt.tier)
    return (
        attempt.deployment.provider,
        event.day,
        event.model or attempt.deployment.model,
        *owner,
        "",
    )


def found(seed: int = SEED, clouds: Iterable[str] = ()) -> Company:
    """A company without any fault; equal seeds give equal companies."""
    end = START + timedelta(days=DAYS)
    people = found_company(HR, Random(f"{seed} names"), START, end, 0, clouds)
    ledger = Ledger(people.contract)
    faults = FaultRates().with_clean_tags()
    traffic = Traffic(people, faults, Random(f"{seed} traffic"), epoch_microseconds(end))
    calendar = [START + timedelta(days=offset) for offset in range(DAYS)]
    events = []
    for day, count in zip(calendar, requests_per_day(REQUESTS, START, DAYS), strict=True):
        for attempt in traffic.attempts(epoch_microseconds(day), count):
            costs = ledger.bill(attempt)
            cell = ledger.cell(attempt.usage_day, attempt.deployment, attempt.service_tier)
            events.append(Event(attempt, costs, cell.prices))
    # a day beyond the last, so that a bucket can be restated to nothing
    return Company(people, ledger, LiteLLMLog(people, traffic.ids), events, [*calendar, end])
