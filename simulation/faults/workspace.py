"""Writes a company as a workspace: its logs, bills, invoices and reference data."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from simulation.bills.invoices import ISSUED_AFTER_MONTH, Invoice, first_of_next
from simulation.bills.ledger import EPOCH, Ledger
from simulation.bills.writers import EXPORTS, bill_formats, write_bill
from simulation.company.provider_prices import PICO, cents
from simulation.faults.analytics_reports import SINCE
from simulation.faults.company import START, Company, Event, negative
from simulation.traffic.attempt import DAY
from simulation.workspace.reference_files import GATEWAY, write_reference

REPORTS: Final = {
    "openai": ["costs", "usage_completions"],
    "anthropic": ["cost_report", "usage_report_messages"],
}
PICO_PER_CENT: Final = PICO // 100


def write_first(company: Company, folder: Path) -> None:
    """All that is there on the first run: everything but what comes late."""
    bills = _bills(company.ledger)
    _write_settings(company, folder, bills)
    write_reference(folder / "reference", company.catalog, _invoices(company))
    _write_log(company, folder, [event for event in company.events if not event.late], "")
    for usage in company.first_pull_only:
        company.meter(*usage)
    _write_bills(company, folder, bills, 1 if company.first_pull_only else 0)
    for deployment, tier, day, tokens in company.first_pull_only:
        company.meter(deployment, tier, day, negative(tokens))
    for edit in company.edits:
        edit(folder)


def comes_late(company: Company) -> bool:
    return bool(company.first_pull_only) or any(event.late for event in company.events)


def write_late(company: Company, folder: Path) -> None:
    """What arrives before the second run."""
    _write_log(company, folder, [event for event in company.events if event.late], "late-")
    if company.first_pull_only:
        _write_bills(company, folder, _bills(company.ledger), 2)


def _bills(ledger: Ledger) -> list[tuple[str, str, str]]:
    """(name of the bill, provider, account): one per account."""
    accounts = sorted({(provider, account) for provider, account, _ in ledger.billed_by_month()})
    count: dict[str, int] = {}
    bills = []
    for provider, account in accounts:
        count[provider] = count.get(provider, 0) + 1
        name = provider if count[provider] == 1 else f"{provider}_{count[provider]}"
        bills.append((name, provider, account))
    return bills


def _write_settings(company: Company, folder: Path, bills: list[tuple[str, str, str]]) -> None:
    formats = bill_formats(company.catalog)
    lines = [
        f"company: {company.catalog.name}",
        f"since: {START}",
        "gateways:",
        f"  - {{name: {GATEWAY}, format: litellm, location: logs}}",
        "bills:",
        *(
            f"  - {{name: {name}, format: {formats[provider]}, account: {account}, "
            f"location: bills/{name}}}"
            for name, provider, account in bills
        ),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tollbook.yaml").write_text("\n".join(lines) + "\n")


def _write_bills(
    company: Company, folder: Path, bills: list[tuple[str, str, str]], delivery: int
) -> None:
    formats = bill_formats(company.catalog)
    for name, provider, account in bills:
        bill_format, ledger = formats[provider], company.ledger.of_account(account)
        if bill_format in EXPORTS:
            place = folder / "bills" / name
            write_bill(bill_format, place, ledger, company.billed_days, delivery)
            continue
        pull = f"pull-{delivery}" if delivery else ""
        pages = folder / "bills" / name / pull
        write_bill(bill_format, pages, ledger, company.billed_days)
        for edit in company.page_edits:
            edit(provider, pages)
        if pull:
            marker = {
                "pull_id": pull,
                "pulled_at": f"2026-11-0{pull[-1]}T03:00:00Z",
                "provider": provider,
                "reports": [
                    *REPORTS[provider],
                    *(
                        {
                            "report": file.stem,
                            "pages": [hashlib.sha256(file.read_bytes()).hexdigest()],
                            "since": SINCE,
                            "until": f"{company.billed_days[-1] + timedelta(days=1)}",
                        }
                        for file in sorted(pages.glob("analytics_*.json"))
                    ),
                ],
                "complete": True,
            }
            (pages / "pull.json").write_text(json.dumps(marker))


def _invoices(company: Company) -> list[Invoice]:
    invoices = []
    for (provider, account, month), pico in company.ledger.billed_by_month().items():
        tax, credit = company.beyond_bill.get((account, month), (0, 0))
        tax_on_bill, credit_on_bill = company.on_bill.get((account, month), (0, 0))
        invoices.append(
            Invoice(
                *(provider, account, f"INV-{account}-{month}", month),
                cents(pico + (tax + credit) * PICO_PER_CENT),
                *(tax + tax_on_bill, credit + credit_on_bill),
                first_of_next(month) + ISSUED_AFTER_MONTH,
            )
        )
    return invoices


def _write_log(company: Company, folder: Path, events: list[Event], prefix: str) -> None:
    """An object a day, and one a day for what is uploaded once more."""
    for name, again in (("batch", False), ("again", True)):
        days: dict[str, list[str]] = {}
        for event in events:
            for line in _lines(company, event, again):
                at = event.attempt
                logged = at.ended if at.service_tier == "batch" else at.started
                day = EPOCH + timedelta(days=logged // DAY + again)
                days.setdefault(f"{day}", []).append(line)
        for day_name, lines in days.items():
            file = folder / "logs" / day_name / f"{prefix}{name}.jsonl"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join(lines) + "\n")


def _lines(company: Company, event: Event, again: bool) -> Iterator[str]:
    """The record once, or its copies: every second with its keys in another order."""
    if not event.logged:
        return
    line = company.log.line(event.attempt)
    if event.edits:
        record = json.loads(line)
        for edit in event.edits:
            edit(record)
        line = json.dumps(record)
    for copy in range(event.copies if again else 1):
        yield json.dumps(json.loads(line), sort_keys=True) if copy % 2 else line
