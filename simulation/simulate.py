"""Simulates a company with known truth: its gateway's logs, its bills, its reference data."""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from simulation.bills.beside_the_gateway import BesideTheGateway
from simulation.bills.clouds.beside_tokens import bill_beside_tokens
from simulation.bills.clouds.cloud_invoices import cloud_invoices
from simulation.bills.invoices import Invoice, write_invoices
from simulation.bills.ledger import Ledger
from simulation.bills.writers import bill_formats, write_bill
from simulation.company.catalog import Company
from simulation.company.fault_rates import FaultRates
from simulation.company.founding import epoch_microseconds, found_company
from simulation.company.provider_prices import dollars
from simulation.company.untagged import without_names
from simulation.logs.litellm.log import LiteLLMLog
from simulation.logs.objects import LogObjects
from simulation.presets import Preset, find_preset
from simulation.traffic.attempt import DAY, Attempt
from simulation.traffic.calendar_shape import requests_per_day
from simulation.traffic.traffic import Traffic
from simulation.workspace.fault_list import FaultList
from simulation.workspace.reference_files import write_reference, write_workspace
from simulation.workspace.truth import Truth


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written. `billed` is dollars by (provider, month) before tax and credits."""

    folder: Path
    company: str
    requests: int  # attempts, each once
    log_objects: int
    log_bytes: int
    billed: Mapping[tuple[str, str], Decimal]
    invoices: tuple[Invoice, ...]
    faults: Mapping[str, int]


def simulate(
    folder: Path,
    requests: int | None = None,
    days: int | None = None,
    seed: int | None = None,
    preset: str | None = None,
    *,
    start: date | None = None,
    clean_tags: bool = False,
    faults: FaultRates | None = None,
    clouds: Iterable[str] = (),
) -> Summary:
    """Writes a workspace with known truth into a new or empty folder.

    What is None is as the preset says; `clouds` have taken over some models, see CLOUDS. Equal
    arguments give equal bytes. Raises ValueError for an unknown preset or cloud or impossible
    numbers, FileExistsError where the folder holds something.
    """
    chosen = find_preset(preset)
    requests = chosen.requests if requests is None else requests
    days = chosen.days if days is None else days
    seed = chosen.seed if seed is None else seed
    start = chosen.start if start is None else start
    if requests < 1 or days < 1:
        raise ValueError(f"cannot simulate {requests} requests in {days} days: both must be >= 1")
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty: simulate into a new folder")
    faults = faults or FaultRates()
    if clean_tags:
        faults = faults.with_clean_tags()
    if chosen.untagged:
        faults = faults.without_tags()
    return _Simulation(folder, chosen, faults, start, days, seed, clouds).run(requests)


class _Simulation:
    """Everything that one run needs; each part draws from a random source of its own."""

    def __init__(
        self,
        folder: Path,
        preset: Preset,
        faults: FaultRates,
        start: date,
        days: int,
        seed: int,
        clouds: Iterable[str],
    ) -> None:
        self.folder, self.faults, self.seed = folder, faults, seed
        self.start = start
        self.days = [start + timedelta(days=offset) for offset in range(days)]
        end = start + timedelta(days=days)
        names = self._random("names")
        industry = preset.industry or names.choice(preset.industries)
        self.company: Company = found_company(industry, names, start, end, clouds=clouds)
        if preset.untagged:
            self.company = without_names(self.company, self._random("untagged"))
        self.ledger = Ledger(self.company.contract)
        self.truth = Truth(folder / "truth", self.company, per_request=preset.truth_per_request)
        self.fault_list = FaultList()
        self.objects = LogObjects(
            folder / "logs" / "litellm", preset.layout, faults, self._random("objects")
        )
        self.beside = BesideTheGateway(self.company, self.ledger, self._random("outside"))
        self.traffic = Traffic(
            self.company, faults, self._random("traffic"), epoch_microseconds(end)
        )
        self.log = LiteLLMLog(self.company, self.traffic.ids)

    def run(self, requests: int) -> Summary:
        for attempt, at in self._logged(requests):
            self._record(attempt, at)
        self.objects.finish()
        self.truth.close()
        for day in self.days:
            if self.faults.non_token_charges:
                self.beside.store_vectors(day)
            bill_beside_tokens(
                *(self.ledger, self.company, day),
                services=self.faults.non_token_charges,
                paper=self.faults.credits_and_tax,
            )
        invoices = self._write_documents()
        return Summary(
            folder=self.folder,
            company=self.company.name,
            requests=requests,
            log_objects=self.objects.batches + self.objects.singles,
            log_bytes=self.objects.bytes,
            billed={
                (provider, month): Decimal(dollars(pico))
                for (provider, _, month), pico in self.ledger.billed_by_month().items()
            },
            invoices=tuple(invoices),
            faults=dict(sorted(self.fault_list.counts.items())),
        )

    def _random(self, purpose: str) -> Random:
        return Random(f"{self.seed} {purpose}")

    def _logged(self, requests: int) -> Iterator[tuple[Attempt, int]]:
        """Attempts and when they are logged: batch jobs on completion, others at once."""
        jobs: list[tuple[int, str, Attempt]] = []
        counts = requests_per_day(requests, self.start, len(self.days))
        for day, count in zip(self.days, counts, strict=True):
            midnight = epoch_microseconds(day)
            for attempt in self.traffic.attempts(midnight, count):
                if attempt.service_tier == "batch":
                    heapq.heappush(jobs, (attempt.ended, attempt.head, attempt))
                    continue
                yield from _completed(jobs, attempt.started)
                yield attempt, attempt.started
            if self.faults.outside_gateway:
                self.beside.use_keys(midnight // DAY, count)
        yield from _completed(jobs, epoch_microseconds(self.days[-1]) + DAY)

    def _record(self, attempt: Attempt, at: int) -> None:
        self.objects.add(attempt, self.log.line(attempt), at)
        self.truth.add(attempt, self.ledger.bill(attempt))
        self.fault_list.add(attempt)

    def _write_documents(self) -> list[Invoice]:
        folder, company, ledger = self.folder, self.company, self.ledger
        for provider, bill_format in bill_formats(company).items():
            write_bill(bill_format, folder / "bills" / provider, ledger, self.days)
        invoices = write_invoices(
            ledger.billed_by_month(), self.faults.credits_and_tax, self._random("invoices")
        )
        invoices += cloud_invoices(ledger)
        write_reference(folder / "reference", company, invoices)
        write_workspace(folder, company, self.start)
        self.fault_list.write(
            folder / "truth" / "faults.json",
            company,
            self.beside.uses,
            ledger.other_charges,
            invoices,
        )
        return invoices


def _completed(jobs: list[tuple[int, str, Attempt]], until: int) -> Iterator[tuple[Attempt, int]]:
    while jobs and jobs[0][0] <= until:
        ended, _, attempt = heapq.heappop(jobs)
        yield attempt, ended
