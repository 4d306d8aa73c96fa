"""What becomes of a closed month: its chargeback stays, the difference is corrected later.

That the ledger, what was posted and what is to be corrected are together a fresh build, by team and
feature, and that what moves between owners sums to 0, every build of these tests holds itself:
assert_corrections_lead_from_the_ledger_to_what_is_known.
"""

import io
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq
import pytest

from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.cents.largest_remainder import PICO_PER_CENT
from orchestration.closing.accepting import accept
from orchestration.closing.entry import month_entry
from orchestration.exports.currencies import foreign_invoices
from orchestration.exports.focus import focus_files
from orchestration.exports.gl_accounts import GlAccounts
from orchestration.exports.journals.postings import vendor_accounts
from orchestration.ledger.books import LedgerError, open_ledger
from orchestration.publishing.origin import landed_accounts
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, call, costs, line, log, write_company

SEPTEMBER: Final = date(2026, 9, 1)
OCTOBER: Final = date(2026, 10, 1)
MODEL: Final = "gpt-4o-2024-08-06"
SETTINGS: Final = """\
company: Closing
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {user_id: who, credential_hint: key, gateway_key_id: key}
bills:
  - {name: openai, format: openai, account: org-o, location: openai}
"""
INVOICES: Final = "provider,billing_account,invoice_id,billing_month,amount,currency\n"
SEPTEMBERS: Final = "openai,org-o,inv-9,2026-09,100.00,USD\n"
OCTOBERS: Final = "openai,org-o,inv-10,2026-10,40.00,USD\n"
KEYS: Final = "source,credential_id,team_id,feature\n"
FILES: Final = {
    "logs/9.ndjson": log(
        [
            call("2026-09-10T10:00:00Z", MODEL, 600, key="k1"),
            call("2026-09-10T10:10:00Z", MODEL, 400, key="k2"),
        ]
    ),
    "logs/10.ndjson": log([call("2026-10-05T10:00:00Z", MODEL, 400, key="k1")]),
    "openai/9.json": costs(line("2026-09-10", f"{MODEL}, input", "100.00", 1000, None)),
    "openai/10.json": costs(line("2026-10-05", f"{MODEL}, input", "40.00", 400, None)),
    "reference/invoices.csv": INVOICES + SEPTEMBERS + OCTOBERS,
    "reference/credentials.csv": f"{KEYS}proxy,k1,red,chat\nproxy,k2,blue,search\n",
}
SHARES: Final = """
    select team, reason, part, status, sum(amount)
    from mart_corrections where billing_month = '2026-09-01' group by all order by all
"""
Rows = list[tuple[Any, ...]]


class Closing:
    """A company whose September is closed."""

    def __init__(
        self,
        compiled: Callable[[Workspace], CompiledProject],
        folder: Path,
        files: Mapping[str, str] | None = None,
        settings: str = SETTINGS,
        red: int | None = None,
    ) -> None:
        """`red`: what an earlier release gave it of the 100 that September cost."""
        self.folder = write_company(folder, {**FILES, **(files or {})}, settings)
        self.company = OwnCompany(compiled, folder)
        if red is not None:
            split = f"set billed_cost = case team when 'red' then {red} else {100 - red} end"
            self.company.with_other_rows(
                "fct_cost_allocations",
                f"{split} where billing_month = '{SEPTEMBER}' and cell_id is not null",
            )
        self.close(SEPTEMBER)

    @property
    def workspace(self) -> Workspace:
        return load_workspace(self.folder)

    def close(self, month: date) -> None:
        """From what is built; then built again, as a run after it does."""
        files, said = month_entry(self.company.connection, self.workspace, month)
        assert open_ledger(self.workspace).write(month, files, said)
        self.company.build()

    def change(self, files: Mapping[str, str]) -> Rows:
        """September's corrections after these files are others: team, reason, part, status, sum."""
        for name, text in files.items():
            (self.folder / name).write_text(text)
        self.company.build()
        return self.company.query(SHARES)

    def charged(self, month: date) -> dict[str, Decimal]:
        return dict(
            self.company.query(
                "select team, sum(total_cost) from mart_chargeback_monthly"
                f" where billing_month = '{month}' group by all order by all"
            )
        )


@pytest.fixture
def closing(compiled: Callable[[Workspace], CompiledProject], tmp_path: Path) -> Closing:
    return Closing(compiled, tmp_path / "company")


def late(tokens: int, key: str, at: str = "2026-09-10T11:00:00Z") -> dict[str, str]:
    return {"logs/late.ndjson": log([call(at, MODEL, tokens, key=key)])}


def test_a_closed_month_that_nothing_changed_has_no_correction(closing: Closing) -> None:
    assert closing.change({}) == []
    assert closing.charged(SEPTEMBER) == {"blue": Decimal(40), "red": Decimal(60)}
    status = "select distinct status from mart_chargeback_monthly where billing_month = "
    assert closing.company.value(f"{status} '2026-09-01'") == "closed"


def test_late_requests_move_money_between_owners_and_post_by_themselves(closing: Closing) -> None:
    # 1,000 of 2,000 tokens that were logged are now blue's: 1400 * 100 / 2000
    assert closing.change(late(1000, "k2")) == [
        ("blue", "late_log", "owners", "posts", Decimal(30)),
        ("red", "late_log", "owners", "posts", Decimal(-30)),
    ]
    assert closing.charged(SEPTEMBER) == {"blue": Decimal(40), "red": Decimal(60)}
    assert closing.charged(OCTOBER) == {"blue": Decimal(30), "red": Decimal(10)}


def test_what_is_posted_is_not_corrected_again(closing: Closing) -> None:
    closing.change(late(1000, "k2"))
    closing.close(OCTOBER)
    assert closing.change({}) == [
        ("blue", "late_log", "owners", "posted", Decimal(30)),
        ("red", "late_log", "owners", "posted", Decimal(-30)),
    ]
    assert closing.charged(OCTOBER) == {"blue": Decimal(30), "red": Decimal(10)}
    # and what comes later still is corrected beside it, once a month is open for it
    told = closing.change(
        {"logs/later.ndjson": log([call("2026-09-10T12:00:00Z", MODEL, 2000, key="k1")])}
    )
    assert told == [
        ("blue", "late_log", "owners", "no_open_month", Decimal(-35)),
        ("blue", "late_log", "owners", "posted", Decimal(30)),
        ("red", "late_log", "owners", "no_open_month", Decimal(35)),
        ("red", "late_log", "owners", "posted", Decimal(-30)),
    ]


def test_a_team_that_moves_waits_until_somebody_accepts_it(closing: Closing) -> None:
    moved = {"reference/credentials.csv": f"{KEYS}proxy,k1,green,chat\nproxy,k2,blue,search\n"}
    waiting = [
        ("green", "owner", "owners", "waits", Decimal(60)),
        ("red", "owner", "owners", "waits", Decimal(-60)),
    ]
    assert closing.change(moved) == waiting
    assert closing.charged(OCTOBER) == {"green": Decimal(40)}
    accept(closing.workspace, OCTOBER, ["owner"], "the team was red's successor")
    assert [row[3] for row in closing.change({})] == ["posts", "posts"]
    assert closing.charged(OCTOBER) == {"green": Decimal(100), "red": Decimal(-60)}


def test_a_line_that_ends_after_the_month_is_in_it_what_it_was(closing: Closing) -> None:
    for until, is_another in (("2026-10-01", False), ("2026-09-20", True)):
        lines = f"proxy,k1,red,chat,{until}\nproxy,k2,blue,search,\n"
        closing.change(
            {"reference/credentials.csv": f"source,credential_id,team_id,feature,valid_to\n{lines}"}
        )
        changed = closing.company.query(
            "select owners_changed, prices_changed from ledger.closed_months"
        )
        assert changed == [(is_another, False)]


def test_a_rule_that_is_written_later_waits(closing: Closing) -> None:
    rule = "priority,match,set_team\n1,key=k2,red\n"
    told = closing.change(
        {
            "reference/attribution_rules.csv": rule,
            "reference/credentials.csv": f"{KEYS}proxy,k1,red,chat\nproxy,k2,,search\n",
        }
    )
    assert told == [
        ("blue", "rule", "owners", "waits", Decimal(-40)),
        ("red", "rule", "owners", "waits", Decimal(40)),
    ]


def test_a_move_and_late_requests_at_once_wait(closing: Closing) -> None:
    moved = {"reference/credentials.csv": f"{KEYS}proxy,k1,green,chat\nproxy,k2,blue,search\n"}
    told = closing.change({**moved, **late(1000, "k2")})
    assert {row[1:4] for row in told} == {("owner", "owners", "waits")}
    assert {row[0]: row[4] for row in told} == {
        "blue": Decimal(30),
        "green": Decimal(30),
        "red": Decimal(-60),
    }


# beside the cells that were there, and in one of them
@pytest.mark.parametrize("at", ["2026-09-10T11:00:00Z", "2026-09-10T10:30:00Z"])
@pytest.mark.parametrize(
    ("red", "told"), [(60, ("late_log", "owners", "posts")), (50, ("method", "owners", "waits"))]
)
def test_of_an_upgrade_nothing_posts_with_requests_that_come_late(
    compiled: Callable[[Workspace], CompiledProject],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    red: int,
    told: tuple[str, str, str],
    at: str,
) -> None:
    """An earlier release closed the charge as red's part says; as it is split now, 60 is red's."""
    with monkeypatch.context() as earlier:
        earlier.setattr("orchestration.closing.inputs.version", lambda name: "0.1")
        closing = Closing(compiled, tmp_path / "company", red=red)
    assert closing.charged(SEPTEMBER) == {"blue": Decimal(100 - red), "red": Decimal(red)}
    corrections = closing.change(late(1000, "k2", at))
    assert {row[1:4] for row in corrections} == {told}
    assert {row[0]: row[4] for row in corrections} == {
        "blue": Decimal(red - 30),
        "red": Decimal(30 - red),
    }


@pytest.mark.parametrize(("red", "reason"), [(60, "late_log"), (70, "method")])
def test_late_requests_take_what_no_usage_explained_and_an_upgrade_the_others_money(
    compiled: Callable[[Workspace], CompiledProject],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    red: int,
    reason: str,
) -> None:
    """Of 2,000 tokens, 200.00, half have a log: the cells are not to pay for the late ones."""
    bill = costs(line("2026-09-10", f"{MODEL}, input", "200.00", 2000, None))
    invoices = INVOICES + SEPTEMBERS.replace("100.00", "200.00") + OCTOBERS
    with monkeypatch.context() as earlier:
        earlier.setattr("orchestration.closing.inputs.version", lambda name: "0.1")
        closing = Closing(
            compiled,
            tmp_path / "company",
            {"openai/9.json": bill, "reference/invoices.csv": invoices},
            red=red,
        )
    corrections = closing.change(late(500, "k2"))
    assert {row[1] for row in corrections} == {reason}
    changed = {row[0]: row[4] for row in corrections}
    assert changed.get("red", 0) == 60 - red and changed["__unallocated__"] == -50


def test_a_restated_bill_posts_when_its_invoice_is_corrected_and_not_before(
    closing: Closing,
) -> None:
    bill = {"openai/9.json": costs(line("2026-09-10", f"{MODEL}, input", "110.00", 1000, None))}
    told = closing.change(bill)
    assert told == [
        ("blue", "restated_bill", "vendor", "unsupported", Decimal(4)),
        ("red", "restated_bill", "vendor", "unsupported", Decimal(6)),
    ]
    assert closing.charged(OCTOBER) == {"red": Decimal(40)}
    corrected = INVOICES + SEPTEMBERS.replace("100.00", "110.00") + OCTOBERS
    told = closing.change({"reference/invoices.csv": corrected})
    assert {row[3] for row in told} == {"posts"}
    assert closing.charged(SEPTEMBER) == {"blue": Decimal(40), "red": Decimal(60)}
    assert closing.charged(OCTOBER) == {"blue": Decimal(4), "red": Decimal(46)}


def test_a_credit_note_is_the_vendors_and_posts(closing: Closing) -> None:
    invoices = (
        "provider,billing_account,invoice_id,billing_month,amount,credits,currency\n"
        "openai,org-o,inv-9,2026-09,95.00,-5.00,USD\nopenai,org-o,inv-10,2026-10,40.00,,USD\n"
    )
    assert closing.change({"reference/invoices.csv": invoices}) == [
        ("__unallocated__", "credit_note", "vendor", "posts", Decimal(-5)),
    ]


def rated(rate: str) -> dict[str, str]:
    return {
        "reference/fx_rates.csv": "date,from_currency,to_currency,rate,source\n"
        f"2026-09-30,EUR,USD,{rate},ECB\n"
    }


def test_another_rate_of_a_closed_month_is_an_exchange_difference_on_a_line_of_its_own(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    september = costs(line("2026-09-10", f"{MODEL}, input", "100.00", 1000, None))
    closing = Closing(
        compiled,
        tmp_path / "company",
        {
            **rated("1.10"),
            "openai/9.json": september.replace('"currency":"usd"', '"currency":"eur"'),
            "reference/invoices.csv": INVOICES + SEPTEMBERS.replace("USD", "EUR") + OCTOBERS,
            "reference/chargeback_phases.csv": "team_id,phase,override_by,override_reason\n"
            "red,hard,cfo,agreed\n",
            "reference/accounts.csv": "scope,scope_id,gl_account\ndefault,,6100\npayable,,2100\n",
        },
    )
    assert closing.charged(SEPTEMBER) == {"blue": Decimal(44), "red": Decimal(66)}
    assert closing.change(rated("1.20")) == [
        ("blue", "exchange_rate", "vendor", "posts", Decimal(4)),
        ("red", "exchange_rate", "vendor", "posts", Decimal(6)),
    ]
    assert closing.charged(SEPTEMBER) == {"blue": Decimal(44), "red": Decimal(66)}
    assert closing.charged(OCTOBER) == {"blue": Decimal(4), "red": Decimal(46)}

    def posted() -> list[tuple[str, int, str]]:
        connection = closing.company.connection
        accounts = GlAccounts(landed_accounts(connection), OCTOBER)
        found = vendor_accounts(connection, OCTOBER, "billed", PICO_PER_CENT, accounts)
        return [(line.account, line.cents, line.memo) for each in found for line in each.lines]

    usage = ("6100", 4000, "AI usage 2026-10 openai red org-o")
    told = "AI usage 2026-10 exchange rate 2026-09 openai red org-o"
    assert posted() == [usage, ("6100", 600, told)]
    accounts = closing.folder / "reference/accounts.csv"
    accounts.write_text(f"{accounts.read_text()}cause,exchange,7200\n")
    closing.company.build()
    assert posted() == [usage, ("7200", 600, told)]
    table = foreign_invoices(closing.company.connection, OCTOBER, "USD")
    assert table is not None
    assert [[str(cell) for cell in row] for row in table.rows] == [
        [
            *("2026-10", "openai", "org-o", "inv-9", "EUR", "0.00", "USD", "10.00"),
            *("EUR/USD/2026-09-30", "tied", "exchange", "2026-09"),
        ]
    ]
    # what is entered is another, too: the vendor's
    more = september.replace("100.00", "110.00").replace('"usd"', '"eur"')
    paper = SEPTEMBERS.replace("USD", "EUR").replace("100.00", "110.00")
    files = {"openai/9.json": more, "reference/invoices.csv": INVOICES + paper + OCTOBERS}
    assert {row[1] for row in closing.change(files)} == {"restated_bill"}


def test_what_posts_leaves_in_focus_as_it_does_in_chargeback(closing: Closing) -> None:
    """Its month's files sum to the month's chargeback; September's are as they were closed."""
    bill = costs(line("2026-09-10", f"{MODEL}, input", "110.00", 1000, None))
    corrected = INVOICES + SEPTEMBERS.replace("100.00", "110.00") + OCTOBERS
    closing.change({**late(1000, "k2"), "openai/9.json": bill, "reference/invoices.csv": corrected})
    left = focus_files(closing.company.connection, OCTOBER, "billed")
    rows = pq.read_table(io.BytesIO(left["focus_1_2.parquet"].data)).to_pylist()
    billed: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        billed[json.loads(row["Tags"])["team"]] += row["BilledCost"]
    assert billed == closing.charged(OCTOBER) and sum(billed.values()) == Decimal(50)
    posted = [row for row in rows if row["ChargeClass"] == "Correction"]
    assert {(row["ChargeDescription"], row["ChargeCategory"]) for row in posted} == {
        ("correction of 2026-09: late_log", "Adjustment"),
        ("correction of 2026-09: restated_bill", "Adjustment"),
    }
    assert {(row["ChargePeriodStart"].month, row["InvoiceId"]) for row in posted} == {(9, "inv-9")}
    assert {row["ProviderName"] for row in rows} == {"OpenAI"}
    assert left["focus_1_2.csv"].totals == {"BilledCost USD": "50.000000000000"}
    split = pq.read_table(io.BytesIO(left["focus_1_3.parquet"].data)).to_pylist()
    assert sum(row["BilledCost"] for row in split) == 50
    # once its month is closed they are posted, and leave as they did
    closing.close(OCTOBER)
    assert focus_files(closing.company.connection, OCTOBER, "billed") == left
    assert focus_files(closing.company.connection, OCTOBER, "effective") != left


def test_less_than_a_team_wants_to_hear_of_waits_whole(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    settings = f"{SETTINGS}corrections: {{from_amount: 30.01}}\n"
    told = Closing(compiled, tmp_path, settings=settings).change(late(1000, "k2"))
    assert {row[3] for row in told} == {"below_amount"}
    assert sum(row[4] for row in told) == 0


def test_an_edited_ledger_is_refused_by_name(closing: Closing) -> None:
    manifest = closing.folder / "ledger" / "2026-09" / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace("Closing", "Clothing"))
    with pytest.raises(LedgerError, match=r"2026-09/manifest.json: is not what was closed"):
        closing.company.build()
    manifest.write_text(text)
    lines = next((closing.folder / "ledger").glob("2026-09/*/closed_lines.parquet"))
    data = lines.read_bytes()
    lines.write_bytes(data[:-1] + b"x")
    with pytest.raises(LedgerError, match=r"closed_lines.parquet: is not what was closed"):
        closing.company.build()
    lines.write_bytes(data)
    closing.company.build()


def test_a_month_is_closed_once(closing: Closing) -> None:
    ledger = open_ledger(closing.workspace)
    before = {
        file: file.read_bytes() for file in (closing.folder / "ledger").rglob("*") if file.is_file()
    }
    files, said = month_entry(closing.company.connection, closing.workspace, SEPTEMBER)
    assert not ledger.write(SEPTEMBER, files, {**said, "closed_by": "somebody else"})
    after = {
        file: file.read_bytes() for file in (closing.folder / "ledger").rglob("*") if file.is_file()
    }
    assert before.items() <= after.items()
    assert [month.said["closed_by"] for month in ledger.months()] == [
        ledger.months()[0].said["closed_by"]
    ]
