"""The worked example of decision 112: accrued on what is known, trued up to the invoice."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.cents.largest_remainder import PICO_PER_CENT
from orchestration.cents.posted import PostedLine, posted_lines
from orchestration.closing.accrual_entry import accrual_entry
from orchestration.closing.accruals import accrued_lines, accrued_teams
from orchestration.closing.entry import month_entry
from orchestration.exports.accruals import true_up
from orchestration.exports.gl_accounts import GlAccounts
from orchestration.exports.journals.postings import vendor_accounts
from orchestration.ledger.books import ClosedMonth, open_accruals, open_ledger
from orchestration.publishing.origin import landed_accounts
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, call, costs, line, log, write_company
from tests.scenarios.test_corrections import INVOICES, KEYS, SETTINGS

OCTOBER: Final = date(2026, 10, 1)
REVERSED_ON: Final = date(2026, 11, 1)
MODEL: Final = "gpt-4o-2024-08-06"
RED: Final = line("2026-10-10", f"{MODEL}, input", "60.00", 600, "k1")
BLUE: Final = line("2026-10-12", f"{MODEL}, input", "35.00", 400, "k2")
FILES: Final = {
    "logs/10.ndjson": log(
        [
            call("2026-10-10T10:00:00Z", MODEL, 600, key="k1"),
            call("2026-10-12T10:00:00Z", MODEL, 400, key="k2"),
        ]
    ),
    "openai/10.json": costs(RED),
    "reference/invoices.csv": INVOICES,
    "reference/credentials.csv": f"{KEYS}proxy,k1,red,chat\nproxy,k2,blue,search\n",
    "reference/accounts.csv": "scope,scope_id,gl_account\n"
    "default,,6100\npayable,,2100\naccrual,,2150\n",
    "reference/chargeback_phases.csv": "team_id,phase,valid_from,override_by,override_reason\n"
    "red,hard,,cfo,agreed\nblue,hard,,cfo,agreed\n",
    "reference/prices.csv": "provider,model,meter,unit_price_per_million\n"
    f"openai,{MODEL},input,100000\nopenai,gpt-4o,input,100000\n",
}
COMES: Final = {
    "openai/10.json": costs(RED, BLUE),
    "reference/invoices.csv": f"{INVOICES}openai,org-o,inv-10,2026-10,95.00,USD\n",
}


class Accruing:
    """A company whose October has no invoice, and a bill that stops before blue's usage."""

    def __init__(self, compiled: Callable[[Workspace], CompiledProject], folder: Path) -> None:
        self.folder = write_company(folder, FILES, SETTINGS)
        self.company = OwnCompany(compiled, folder)

    @property
    def workspace(self) -> Workspace:
        return load_workspace(self.folder)

    def lines(self, *, accrued: bool) -> list[PostedLine]:
        return posted_lines(self.company.connection, OCTOBER, PICO_PER_CENT, accrued=accrued)

    def accrue(self) -> ClosedMonth:
        lines = self.lines(accrued=True)
        connection = self.company.connection
        files, said = accrual_entry(connection, self.workspace, OCTOBER, lines, REVERSED_ON)
        accruals = open_accruals(self.workspace)
        assert accruals.write(OCTOBER, files, said)
        assert not accruals.write(OCTOBER, files, said)
        self.company.build()
        [accrual] = accruals.months()
        return accrual

    def change(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.folder / name).write_text(text)
        self.company.build()

    def posted(self, *, accrued: bool) -> tuple[str, list[int]]:
        """The account of what is owed, and the cents of teams."""
        connection = self.company.connection
        accounts = GlAccounts(landed_accounts(connection), OCTOBER)
        [vendor] = vendor_accounts(
            connection, OCTOBER, "billed", PICO_PER_CENT, accounts, accrued=accrued
        )
        return vendor.balancing.account, sorted(each.cents for each in vendor.lines)

    @property
    def status(self) -> str:
        told = self.company.query("select distinct status from mart_chargeback_monthly")
        [(status,)] = told
        return str(status)


@pytest.fixture
def accruing(compiled: Callable[[Workspace], CompiledProject], tmp_path: Path) -> Accruing:
    return Accruing(compiled, tmp_path / "company")


def test_an_accrual_is_reversed_and_trued_up_to_the_invoice(accruing: Accruing) -> None:
    assert accruing.status == "estimated"
    accrual = accruing.accrue()
    assert (accrual.said["accrued"], accrual.said["reversed_on"]) == (
        "100.000000000000",
        "2026-11-01",
    )
    assert accruing.status == "accrued"
    accruals = open_accruals(accruing.workspace)
    teams = accrued_teams(accruals, accrual)
    assert {row["team"]: row["posted"] for row in teams} == {"red": 60, "blue": 40}
    by_feature = {row["feature"]: row for row in accrued_lines(accruals, accrual)}
    assert (by_feature["chat"]["billed"], by_feature["chat"]["estimated"]) == (60, 0)
    assert (by_feature["search"]["billed"], by_feature["search"]["estimated"]) == (0, 40)
    assert accruing.posted(accrued=True) == ("2150", [4000, 6000])
    assert accruing.posted(accrued=False) == ("2100", [6000])
    accruing.change(COMES)
    assert accruing.status == "soft_closed"
    assert accruing.posted(accrued=False) == ("2100", [3500, 6000])
    table = true_up(OCTOBER, teams, accruing.lines(accrued=False), "USD")
    assert {row[3]: row[5:9] for row in table.rows} == {
        "blue": [40, -40, 35, -5],
        "red": [60, -60, 60, 0],
    }
    assert Decimal(table.totals["actual"]) == 95 and Decimal(table.totals["true_up"]) == -5
    files, said = month_entry(accruing.company.connection, accruing.workspace, OCTOBER)
    assert open_ledger(accruing.workspace).write(OCTOBER, files, said)
    accruing.company.build()
    assert accruing.status == "closed"
    assert accrued_teams(accruals, accrual) == teams


def test_an_invoice_of_another_amount_is_not_tied_and_the_accrual_stands(
    accruing: Accruing,
) -> None:
    before = accruing.accrue().said
    accruing.change(
        {**COMES, "reference/invoices.csv": COMES["reference/invoices.csv"].replace("95", "96")}
    )
    assert accruing.status == "not_tied"
    [accrual] = open_accruals(accruing.workspace).months()
    assert json.dumps(accrual.said) == json.dumps(before)


def test_usage_without_a_price_is_counted_and_not_accrued(accruing: Accruing) -> None:
    log_of_unknown = log([call("2026-10-13T10:00:00Z", "house-model", 7, key="k2")])
    accruing.change({"logs/11.ndjson": log_of_unknown})
    said = accruing.accrue().said
    assert (said["accrued"], said["unpriced_quantity"]) == ("100.000000000000", 7)
