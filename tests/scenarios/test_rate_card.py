"""Internal prices: what teams are charged beside what it cost, and the difference in one line."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from ingestion.workspace.settings import Workspace
from orchestration.cents.largest_remainder import PICO_PER_CENT
from orchestration.exports.gl_accounts import GlAccounts
from orchestration.exports.journals.lines import JournalError
from orchestration.exports.journals.postings import vendor_accounts
from orchestration.exports.rates import missing_rates
from orchestration.exports.tables import RECOVERY_COLUMNS, chargeback
from orchestration.publishing.origin import landed_accounts
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import call, log
from tests.scenarios.test_chargeback_phases import DISPUTES, MODEL, MONTHS, OF_OCTOBER, Books
from tests.scenarios.test_chargeback_phases import HEADER as PHASES

HEADER: Final = "scope,scope_id,method,value,meter,valid_from,valid_to\n"
ACCOUNTS: Final = """\
scope,scope_id,gl_account,dimensions,valid_from,valid_to
default,,6100,,,
payable,,2100,,,
"""
CARD: Final = "rate_card.csv"
# Whose tokens red's 60.00 and blue's 40.00 were: key, customer, tokens, how it ended.
CUSTOMERS_CALLS: Final = (
    *(
        ("k1", "acme", 600, "success"),
        ("k1", "acme", 400, "success"),
        ("k1", "Acme", 500, "success"),
    ),
    *(("k1", "globex-1", 1000, "success"), ("k1", "globex-2", 500, "success")),
    *(("k1", None, 3000, "success"), ("k1", "acme", 0, "error")),
    *(("k2", "acme", 1000, "success"), ("k2", "initech", 3000, "success")),
)
Lines = list[tuple[Any, ...]]
Make = Callable[..., Books]


@pytest.fixture
def books(compiled: Callable[[Workspace], CompiledProject], tmp_path: Path) -> Make:
    return lambda *args, **kwargs: Books(compiled, tmp_path / "company", *args, **kwargs)


def lines(books: Books) -> Lines:
    """Of recovery.csv: team, or what stands there without one, status, cost, charged."""
    connection = books.company.connection
    accounts = GlAccounts(landed_accounts(connection), OF_OCTOBER)
    table = chargeback(
        connection, OF_OCTOBER, "billed", "USD", gl_accounts=accounts, columns=RECOVERY_COLUMNS
    )
    places = [
        list(table.columns).index(name)
        for name in ("team", "team_name", "status", "total", "recovered")
    ]
    rows = [[row[place] for place in places] for row in table.rows]
    assert sum(total for *_, total, _ in rows) == sum(charged for *_, charged in rows)
    return [
        (team or name, status, str(total), str(charged))
        for team, name, status, total, charged in rows
    ]


def charged(books: Books, *rows: str) -> dict[str, str]:
    """What each team is charged under this card, and the line that leads back to the invoice."""
    books.change(CARD, HEADER + "".join(f"{row}\n" for row in rows))
    return {name: charged for name, _, _, charged in lines(books)}


def test_a_dollar_at_two_percent_is_one_dollar_and_two_cents(books: Make) -> None:
    company = books(
        [OF_OCTOBER],
        nobody="59.00",
        reference={
            CARD: f"{HEADER}team,Red,cost_plus,2,,,\n",
            "chargeback_phases.csv": f"{PHASES}red,hard,,cfo,agreed\n",
            "accounts.csv": ACCOUNTS,
        },
    )
    assert lines(company) == [
        ("__unallocated__", "billed", "59.00", "59.00"),
        ("blue", "billed", "40.00", "40.00"),
        ("red", "billed", "1.00", "1.02"),
        ("recovery", "billed", "0.00", "-0.02"),
        (None, "billed", "-100.00", "-100.00"),
    ]
    columns = "team, feature, method, total_cost, recovered_cost"
    assert company.company.query(f"select {columns} from mart_recovery_monthly") == [
        ("red", "chat", "cost_plus", Decimal(1), Decimal("1.02"))
    ]


def test_the_journal_has_what_is_recovered_beyond_the_cost_as_one_line(books: Make) -> None:
    company = books(
        [OF_OCTOBER],
        reference={
            CARD: f"{HEADER}team,red,cost_plus,2,,,\nteam,blue,cost_plus,50,,,\n",
            "chargeback_phases.csv": f"{PHASES}red,hard,,cfo,agreed\n",
            "accounts.csv": ACCOUNTS,
        },
    )

    def posted() -> Lines:
        connection = company.company.connection
        accounts = GlAccounts(landed_accounts(connection), OF_OCTOBER)
        found = vendor_accounts(connection, OF_OCTOBER, "billed", PICO_PER_CENT, accounts)
        return [(line.account, line.cents) for vendor in found for line in vendor.lines]

    with pytest.raises(JournalError, match="add the line `cause,recovery,<account>`"):
        posted()
    # blue is in no journal yet, and neither is what it would be charged beyond its cost
    company.change("accounts.csv", f"{ACCOUNTS}cause,recovery,4900,,,\n")
    assert posted() == [("6100", 6120), ("4900", -120)]
    assert lines(company)[-2:] == [
        ("recovery", "billed", "0.00", "-21.20"),
        (None, "billed", "-100.00", "-100.00"),
    ]


def test_each_method_and_which_of_several_prices_decides(books: Make) -> None:
    company = books([OF_OCTOBER])
    cost = {"red": "60.00", "blue": "40.00"}
    assert charged(company) == cost
    # 6,000 tokens and one request of 60.00
    for row, red, line in (
        ("team,red,per_million,12000,input,,", "72.00", "-12.00"),
        ("team,red,per_request,50,,,", "50.00", "10.00"),
        ("team,red,subsidy,10,,2026-10-10,2026-10-11", "54.00", "6.00"),
        ("feature,chat,cost_plus,0.5,,,", "60.30", "-0.30"),
        ("team,red,subsidy,100,input,,", "0.00", "60.00"),
    ):
        assert charged(company, row) == {**cost, "red": red, "recovery": line}
    # the day after, the day before, another meter
    for row in (
        "team,red,cost_plus,2,,2026-10-11,",
        "team,red,cost_plus,2,,,2026-10-10",
        "team,red,cost_plus,2,output,,",
        "team,red,cost_plus,0,,,",
    ):
        assert charged(company, row) == cost
    # the feature's goes before the team's, and the meter's before one of none
    rows = ("team,red,cost_plus,2,,,", "feature,chat,cost_plus,10,,,")
    assert charged(company, *rows) == {**cost, "red": "66.00", "recovery": "-6.00"}
    rows = ("team,red,per_request,5,,,", "team,red,cost_plus,50,input,,")
    assert charged(company, *rows) == {**cost, "red": "95.00", "recovery": "-35.00"}


def test_usage_without_a_price_per_million_where_others_have_one_is_refused(books: Make) -> None:
    company = books([OF_OCTOBER])
    rows = ["team,red,per_million,12000,output,,"]
    charged(company, *rows)
    assert missing_rates(company.company.connection, OF_OCTOBER) == [
        "rate_card.csv: meter: team `red` has prices per million and none of `input`, of which"
        " 6,000 were billed in 2026-10: add its line, or one of cost_plus without a meter"
    ]
    charged(company, *rows, "team,red,cost_plus,0,,,")
    assert missing_rates(company.company.connection, OF_OCTOBER) == []


def test_what_is_on_hold_has_its_share_and_a_closed_month_keeps_its_card(books: Make) -> None:
    company = books(
        [*MONTHS[-1:], OF_OCTOBER],
        reference={
            CARD: f"{HEADER}team,red,cost_plus,2,,,\n",
            "disputes.csv": f"{DISPUTES}2026-10,red,chat,12.50,2026-11-02,too much,,\n",
        },
    )
    red = [
        ("red", "billed", "47.50", "48.45"),
        ("red", "held", "12.50", "12.75"),
    ]
    assert [line for line in lines(company) if line[0] == "red"] == red
    company.close(*MONTHS[-1:])
    company.change(CARD, f"{HEADER}team,red,subsidy,50,,,\n")
    months = "select billing_month, method, recovered_cost from mart_recovery_monthly order by 1"
    assert company.company.query(months) == [
        (MONTHS[-1], "cost_plus", Decimal("61.20")),
        (OF_OCTOBER, "subsidy", Decimal("30.00")),
    ]
    kept = "select sum(recovered_cost) from mart_chargeback_monthly where team = 'red' and"
    assert company.company.value(f"{kept} billing_month = '{MONTHS[-1]}'") == Decimal("61.20")


def of_customers(books: Make) -> Books:
    """October's money by customers: acme has 10.00 of red and 10.00 of blue."""
    company = books([OF_OCTOBER], reference={"customers.csv": "customer_id,tier\nglobex-*,pro\n"})
    at = f"{OF_OCTOBER:%Y-%m}-10T10:00:00Z"
    calls = [
        call(at, MODEL, tokens, key=key, who=customer, status=status)
        for key, customer, tokens, status in CUSTOMERS_CALLS
    ]
    (company.folder / "logs/all.ndjson").write_text(log(calls))
    company.company.build()
    return company


def test_a_customers_price_is_of_its_share_of_each_teams_money(books: Make) -> None:
    company = of_customers(books)
    cost = {"red": "60.00", "blue": "40.00"}
    assert charged(company) == cost
    for row, red, blue, line in (
        ("customer,acme,cost_plus,2,,,", "60.20", "40.20", "-0.40"),
        # 1,000 tokens of each team's
        ("customer,acme,per_million,12000,input,,", "62.00", "42.00", "-4.00"),
        # of red two that were answered, and one that was not
        ("customer,acme,per_request,50,,,", "150.00", "80.00", "-130.00"),
        ("customer,acme,subsidy,100,,,", "50.00", "30.00", "20.00"),
        # spelled otherwise it is another customer, and one of a glob goes by its own id, too
        ("customer,Acme,cost_plus,100,,,", "65.00", "40.00", "-5.00"),
        ("customer,globex-*,cost_plus,100,,,", "75.00", "40.00", "-15.00"),
        ("customer,globex-2,cost_plus,100,,,", "65.00", "40.00", "-5.00"),
    ):
        now = {"red": red, "blue": blue, "recovery": line}
        assert charged(company, row) == {name: now[name] for name in now}, row
    assert charged(company, "customer,acme,cost_plus,2,,,2026-10-10") == cost
    assert charged(company, "customer,hooli,cost_plus,2,,,") == cost


def test_a_customers_price_goes_before_a_features_and_a_teams(books: Make) -> None:
    company = of_customers(books)
    rows = (
        "customer,acme,cost_plus,100,,,",
        "customer,globex-2,per_request,1,,,",
        "feature,search,subsidy,50,,,",
        "team,red,per_request,5,,,",
    )
    # red: acme 20.00, globex-2 1.00, three other requests at 5.00; blue: acme 20.00, half of 30.00
    assert charged(company, *rows) == {"red": "36.00", "blue": "35.00", "recovery": "29.00"}
    columns = "team, scope, scope_id, method, total_cost, quantity, requests, recovered_cost"
    found = company.company.query(f"select {columns} from mart_recovery_monthly order by 1, 2, 3")
    assert [(*row[:4], *map(str, row[4:])) for row in found] == [
        (*said, f"{total}.000000000000", "0", requests, f"{recovered}.000000000000")
        for *said, total, requests, recovered in (
            ("blue", "customer", "acme", "cost_plus", 10, "0", 20),
            ("blue", "feature", "search", "subsidy", 30, "0", 15),
            ("red", "customer", "acme", "cost_plus", 10, "0", 20),
            ("red", "customer", "globex-2", "per_request", 5, "1", 1),
            ("red", "team", "red", "per_request", 45, "3", 15),
        )
    ]


def test_a_customer_with_prices_per_million_needs_one_of_each_meter_it_uses(books: Make) -> None:
    company = of_customers(books)
    rows = ["customer,acme,per_million,12000,output,,"]
    charged(company, *rows)
    assert missing_rates(company.company.connection, OF_OCTOBER) == [
        "rate_card.csv: meter: customer `acme` has prices per million and none of `input`, of which"
        " 2,000 were billed in 2026-10: add its line, or one of cost_plus without a meter"
    ]
    # another scope's line that covers it is one
    assert charged(company, *rows, "team,red,cost_plus,10,,,", "team,blue,cost_plus,0,,,") == {
        "red": "66.00",
        "blue": "40.00",
        "recovery": "-6.00",
    }
    assert missing_rates(company.company.connection, OF_OCTOBER) == []
