"""Teams move from a statement to a journal when the last closed month is good enough."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.closing.entry import month_entry
from orchestration.ledger.books import open_ledger
from orchestration.summary.phases import held_back
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, call, costs, line, log, write_company

MODEL: Final = "gpt-4o-2024-08-06"
# company and sources alone: one compiled project for all
SETTINGS: Final = """\
company: Phases
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {user_id: who, credential_hint: key, gateway_key_id: key}
bills:
  - {name: openai, format: openai, account: org-o, location: openai}
"""
MONTHS: Final = [date(2026, month, 1) for month in range(3, 10)]
OF_OCTOBER: Final = date(2026, 10, 1)
HEADER: Final = "team_id,phase,valid_from,override_by,override_reason\n"
DISPUTES: Final = "month,team_id,feature,amount,opened_at,reason,resolved_at,outcome\n"
Phases = dict[str, str]


class Books:
    """A company with 100.00 a month. `owned`: what red's and blue's keys are billed, beside a
    key that logs requests and nobody owns; `unlogged`: billed for a key that no log has.
    """

    def __init__(
        self,
        compiled: Callable[[Workspace], CompiledProject],
        folder: Path,
        months: list[date],
        *,
        nobody: str = "0.00",
        unlogged: str = "0.00",
        reference: dict[str, str] | None = None,
    ) -> None:
        self.folder = write_company(
            folder, _files(months, Decimal(nobody), Decimal(unlogged), reference or {}), SETTINGS
        )
        self.company = OwnCompany(compiled, folder)

    @property
    def workspace(self) -> Workspace:
        return load_workspace(self.folder)

    def close(self, *months: date) -> dict[str, Any]:
        """All from one build, then built again; what the last one's manifest says."""
        for month in months:
            files, said = month_entry(self.company.connection, self.workspace, month)
            assert open_ledger(self.workspace).write(month, files, said)
        self.company.build()
        return said

    def change(self, name: str, text: str) -> None:
        (self.folder / "reference" / name).write_text(text)
        self.company.build()

    def phases(self, month: date) -> Phases:
        rows = self.company.query(
            "select distinct team, phase from mart_chargeback_monthly"
            f" where billing_month = '{month}' and team <> '__unallocated__' order by all"
        )
        return dict(rows)

    def says(self, month: date, team: str = "red") -> str | None:
        value: str | None = self.company.value(
            "select gate_says from mart_chargeback_phases"
            f" where billing_month = '{month}' and team = '{team}'"
        )
        return value


def _files(
    months: list[date], nobody: Decimal, unlogged: Decimal, reference: dict[str, str]
) -> dict[str, str]:
    blue = Decimal("40.00")
    red = 100 - blue - nobody - unlogged
    keys = {"k1": red, "k2": blue, "k3": nobody, "k4": unlogged}
    calls, lines, invoices = [], [], []
    for month in months:
        day = f"{month:%Y-%m}-10"
        lines += [
            line(day, f"{MODEL}, input", f"{cost:f}", int(cost * 100), key)
            for key, cost in keys.items()
            if cost
        ]
        calls += [
            call(f"{day}T10:00:00Z", MODEL, int(cost * 100), key=key)
            for key, cost in keys.items()
            if cost and key != "k4"
        ]
        invoices.append(f"openai,org-o,inv-{month:%m},{month:%Y-%m},100.00,USD\n")
    return {
        "logs/all.ndjson": log(calls),
        "openai/all.json": costs(*lines),
        "reference/invoices.csv": "provider,billing_account,invoice_id,billing_month,amount,"
        f"currency\n{''.join(invoices)}",
        "reference/credentials.csv": "source,credential_id,team_id,feature\n"
        "proxy,k1,red,chat\nproxy,k2,blue,search\n",
        **{f"reference/{name}": text for name, text in reference.items()},
    }


Make = Callable[..., Books]


@pytest.fixture
def books(compiled: Callable[[Workspace], CompiledProject], tmp_path: Path) -> Make:
    return lambda *args, **kwargs: Books(compiled, tmp_path / "company", *args, **kwargs)


SOFT: Final = {"chargeback_phases.csv": f"{HEADER}Red,soft,2026-10-01,,\nblue,hard,2026-10-01,,\n"}
LAST_FOUR: Final = [*MONTHS[-3:], OF_OCTOBER]


def closed(books: Books) -> Books:
    books.close(*MONTHS[-3:])
    return books


def test_a_team_without_a_line_is_in_showback(books: Make) -> None:
    company = books([OF_OCTOBER])
    assert company.phases(OF_OCTOBER) == {"blue": "showback", "red": "showback"}
    assert company.company.query("select * from mart_chargeback_phases") == []


def test_a_gate_passes_at_95_percent_and_half_a_percent_exactly(books: Make) -> None:
    company = closed(books(LAST_FOUR, nobody="4.50", unlogged="0.50", reference=SOFT))
    assert company.phases(OF_OCTOBER) == {"blue": "hard", "red": "soft"}
    # before the line holds nothing is asked
    assert company.phases(MONTHS[-1]) == {"blue": "showback", "red": "showback"}
    assert held_back(company.company.connection, OF_OCTOBER) == []
    # what is in force when it closes is the ledger's, whatever the CSV says later
    said = company.close(OF_OCTOBER)
    assert [(each["team"], each["phase"]) for each in said["phases"]] == [
        ("Red", "soft"),
        ("blue", "hard"),
    ]
    company.change("chargeback_phases.csv", f"{HEADER}red,showback,,,\n")
    assert company.phases(OF_OCTOBER) == {"blue": "hard", "red": "soft"}


def test_a_gate_holds_a_team_at_90_percent(books: Make) -> None:
    company = closed(books(LAST_FOUR, nobody="10.00", reference=SOFT))
    assert company.phases(OF_OCTOBER) == {"blue": "showback", "red": "showback"}
    says = "of the dollars of 2026-09 90.00 % have a team by request or credential, 95 % are needed"
    assert company.says(OF_OCTOBER, "Red") == says
    assert held_back(company.company.connection, OF_OCTOBER) == [
        f"2026-10, Red: showback and not soft yet: {says}"
        " (override_by and override_reason of chargeback_phases.csv let it pass)",
        f"2026-10, blue: showback and not hard yet: {says}"
        " (override_by and override_reason of chargeback_phases.csv let it pass)",
    ]
    company.change("chargeback_phases.csv", f"{HEADER}red,soft,,cfo,board of May\n")
    assert company.phases(OF_OCTOBER) == {"blue": "showback", "red": "soft"}
    assert held_back(company.company.connection, OF_OCTOBER) == [
        f"2026-10, red is in soft by cfo (board of May), though {says}"
    ]


def test_a_gate_holds_a_team_at_more_than_half_a_percent_of_usage_that_no_log_has(
    books: Make,
) -> None:
    company = closed(books(LAST_FOUR, unlogged="0.60", reference=SOFT))
    assert company.phases(OF_OCTOBER) == {"blue": "showback", "red": "showback"}
    assert company.says(OF_OCTOBER, "Red") == (
        "of the dollars of 2026-09 0.60 % are usage that no log has and no team owns,"
        " at most 0.5 % may be"
    )


def test_a_gate_waits_for_three_closed_months_and_holds_only_a_move(books: Make) -> None:
    company = books(LAST_FOUR, reference=SOFT)
    assert company.says(OF_OCTOBER, "Red") == "0 of 3 months are closed"
    company.close(*MONTHS[-3:-1])
    assert company.says(OF_OCTOBER, "Red") == "2 of 3 months are closed"
    company.close(MONTHS[-1])
    assert company.phases(OF_OCTOBER) == {"blue": "hard", "red": "soft"}


def test_an_open_dispute_holds_its_team_alone(books: Make) -> None:
    company = closed(books(LAST_FOUR, reference=SOFT))
    row = "2026-09,red,chat,5.00,2026-10-02,not ours"
    company.change("disputes.csv", f"{DISPUTES}{row},,\n")
    assert company.phases(OF_OCTOBER) == {"blue": "hard", "red": "showback"}
    assert company.says(OF_OCTOBER, "Red") == "the team has an open dispute"
    company.change("disputes.csv", f"{DISPUTES}{row},2026-10-20,stands\n")
    assert company.phases(OF_OCTOBER) == {"blue": "hard", "red": "soft"}


def test_a_team_that_moved_stays_when_the_months_get_worse(books: Make) -> None:
    """Only a move is held: not a phase that a closed month has."""
    reference = {"chargeback_phases.csv": f"{HEADER}red,soft,2026-09-01,cfo,agreed\n"}
    company = closed(books(LAST_FOUR, nobody="10.00", reference=reference))
    company.change("chargeback_phases.csv", f"{HEADER}red,soft,,,\nblue,soft,,,\n")
    assert company.phases(OF_OCTOBER) == {"blue": "showback", "red": "soft"}
    company.change("chargeback_phases.csv", f"{HEADER}red,hard,,,\n")
    assert company.phases(OF_OCTOBER) == {"blue": "showback", "red": "soft"}
