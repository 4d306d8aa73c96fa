"""Bills in another currency than the workspace's: one rate a month, exact money in both."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from companies import Company, call, costs, line, log, write_company

from ingestion.workspace.settings import load_workspace
from orchestration.checks.billing_currencies import left_out
from orchestration.exports.currencies import COLUMNS, foreign_invoices
from tests.pipeline.compiled_project import CompiledProject

RATES: Final = "date,from_currency,to_currency,rate,source\n"
INVOICES: Final = (
    "provider,billing_account,invoice_id,billing_month,kind,amount,tax,currency,issued_at\n"
)
LOGS: Final = log(
    [
        call(f"2026-{day}T10:00:00Z", "gpt-4o", 300, key="key", feature="search", team="hr")
        for day in ("09-30", "10-05")
    ]
    + [
        call(f"2026-{day}T11:00:00Z", "gpt-4o", 100, key="key", feature="chat", team="web")
        for day in ("09-30", "10-05")
    ]
)
# 400 of 500 tokens are logged; a tenth of a pico-euro has no place in dollars
LINES: Final = (
    line("2026-09-30", "gpt-4o, input", "0.00125", 500),
    line("2026-10-05", "gpt-4o, input", "0.001000000003", 500),
    line("2026-10-05", "gpt-4o, output", "0.000000000001", 10),
)
PAPERS: Final = (
    "openai,org-o,I-9,2026-09,,0.00125,,EUR,2026-10-02\n"
    "openai,org-o,I-10,2026-10,,0.003,0.001999999996,EUR,2026-11-03\n"
)
EUR_9: Final = "2026-09-30,EUR,USD,1.1,ECB\n"
EUR_10: Final = "2026-10-30,EUR,USD,1.5678901234,\n"


def in_euros(page: str) -> str:
    return page.replace('"currency":"usd"', '"currency":"eur"')


def write(folder: Path, rates: str, papers: str = PAPERS, page: str = "") -> Path:
    return write_company(
        folder,
        {
            "logs/proxy.jsonl": LOGS,
            "openai/costs.json": page or in_euros(costs(*LINES)),
            "reference/fx_rates.csv": RATES + rates,
            "reference/invoices.csv": INVOICES + papers,
        },
    )


def built(
    project: CompiledProject, folder: Path, rates: str, papers: str = PAPERS, page: str = ""
) -> Company:
    return Company(project, write(folder, rates, papers, page))


def months(company: Company, columns: str) -> list[tuple[object, ...]]:
    return company.query(
        f"select strftime(billing_month, '%Y-%m'), {columns} from mart_reconciliation_monthly"
        " where provider = 'openai' order by 1"
    )


def problems(company: Company) -> list[str]:
    """What a run and `tollbook check` tell."""
    out = left_out(company.connection, load_workspace(company.folder))
    return [f"source {name}: {why}" for name, why in out.bills.items()] + out.invoices


def test_a_month_ties_in_both_currencies_at_one_rate(
    project: CompiledProject, tmp_path: Path
) -> None:
    company = built(project, tmp_path, EUR_9 + EUR_10)
    assert problems(company) == []
    columns = "billing_currency, fx_rate_id, invoice_amount_in_billing_currency, invoice_amount"
    assert months(company, columns) == [
        ("2026-09", "EUR", "EUR/USD/2026-09-30", Decimal("0.00125"), Decimal("0.001375")),
        ("2026-10", "EUR", "EUR/USD/2026-10-30", Decimal("0.003"), Decimal("0.004703670370")),
    ]
    tied = ("tied", Decimal(0), Decimal(0))
    columns = "invoice_status, unexplained, unexplained_in_billing_currency"
    assert months(company, columns) == [("2026-09", *tied), ("2026-10", *tied)]
    # the example of decision 28
    shares = "sum(billed_cost), sum(billed_cost_in_billing_currency)"
    assert company.query(
        f"select {shares} from fct_cost_allocations where team = 'hr'"
        " and billing_month = date '2026-09-01'"
    ) == [(Decimal("0.000825"), Decimal("0.00075"))]
    # in pico-euros 1000000003, 1 and a tax of 1999999996 are 1567890128.1, 1.6 and 3135780240.5:
    # one more than the invoice's 4703670370.2, which is the rounding
    charges = (
        "select charge_kind, billed_cost_in_billing_currency, billed_cost from fct_charges"
        " where billing_month = date '2026-10-01' order by all"
    )
    assert company.query(charges) == [
        ("rounding", Decimal(0), Decimal("-0.000000000001")),
        ("tax", Decimal("0.001999999996"), Decimal("0.003135780241")),
        ("tokens", Decimal("0.000000000001"), Decimal("0.000000000002")),
        ("tokens", Decimal("0.001000000003"), Decimal("0.001567890128")),
    ]
    teams = (
        "select team, sum(billed_cost_in_billing_currency) from fct_cost_allocations"
        " where billing_month = date '2026-10-01' and meter = 'input' group by all order by all"
    )
    # 300, 100 and 100 of 500 tokens; the split goes by the money in dollars
    assert company.query(teams) == [
        ("__unallocated__", Decimal("0.000200000001")),
        ("hr", Decimal("0.000600000002")),
        ("web", Decimal("0.000200000000")),
    ]


def test_five_euros_without_a_line_are_unexplained(
    project: CompiledProject, tmp_path: Path
) -> None:
    company = built(project, tmp_path, EUR_9 + EUR_10, PAPERS.replace(",0.003,", ",5.003,"))
    columns = "invoice_status, unexplained_in_billing_currency, unexplained, rounding"
    assert months(company, columns) == [
        ("2026-09", "tied", Decimal(0), Decimal(0), Decimal(0)),
        # 5 x 1.5678901234: the pico-dollar of converting line by line is still the rounding
        ("2026-10", "not_tied", Decimal(5), Decimal("7.839450617"), Decimal("-0.000000000001")),
    ]


def test_another_rate_changes_its_months_alone_as_if_built_anew(
    project: CompiledProject, tmp_path: Path
) -> None:
    everything = "select * from {} order by all"
    tables = ("fct_charges", "fct_cost_allocations", "mart_reconciliation_monthly")
    company = built(project, tmp_path / "one", EUR_9 + EUR_10)
    before = {name: company.query(everything.format(name)) for name in tables}
    other = EUR_9 + EUR_10.replace("1.5", "2.5")
    write(tmp_path / "one", other)
    company.build()
    after = {name: company.query(everything.format(name)) for name in tables}
    anew = built(project, tmp_path / "two", other)
    assert after == {name: anew.query(everything.format(name)) for name in tables}
    september = "where billing_month < date '2026-10-01'"
    for name in tables:
        assert before[name] != after[name]
        rows = company.query(f"select * from {name} {september} order by all")
        assert rows and set(rows) <= set(before[name])


def test_what_has_no_rate_stays_out_until_it_has_one(
    project: CompiledProject, tmp_path: Path
) -> None:
    company = built(project, tmp_path, EUR_10)
    assert problems(company) == [
        "source openai: bills in EUR of 2026-09, and fx_rates.csv has no EUR→USD rate on or"
        " before 2026-10-02: add one"
    ]
    assert months(company, "invoice_status, fx_rate_id, billed > 0, estimated_cost > 0") == [
        ("2026-09", "missing", "identity", False, True),
        ("2026-10", "tied", "EUR/USD/2026-10-30", True, False),
    ]
    write(tmp_path, EUR_10 + EUR_9)
    company.build()
    assert problems(company) == []
    assert [row[1] for row in months(company, "invoice_status")] == ["tied", "tied"]


def test_what_is_in_another_currency_than_its_month_is_named(
    project: CompiledProject, tmp_path: Path
) -> None:
    """September's bill is in euros and its invoice not, October's bill in two, August has none."""
    papers = PAPERS.replace("EUR", "GBP", 1) + "openai,org-o,I-8,2026-08,,7,,EUR,\n"
    page = costs(*LINES).replace('"usd"', '"eur"', 2)
    company = built(project, tmp_path, EUR_9 + EUR_10, papers, page)
    written = "give the amounts as the provider wrote them"
    assert problems(company) == [
        "source openai: bills in EUR and USD of 2026-10: the bill of a month has one currency,"
        " what is not in USD was left out",
        "invoices.csv:2: currency: `GBP`, and of openai org-o in 2026-09 the bill is in EUR:"
        f" {written}",
        "invoices.csv:3: currency: `EUR`, and of openai org-o in 2026-10 the bill is in EUR and"
        f" USD: {written}",
        "invoices.csv:4: currency: `EUR`, and fx_rates.csv has no EUR→USD rate on or before"
        " 2026-08-31: add one",
    ]
    assert months(company, "invoice_status, billed") == [
        ("2026-09", "missing", Decimal("0.001375")),
        ("2026-10", "missing", Decimal("0.000000000001")),
    ]


def test_money_that_is_nothing_in_dollars_is_whole_in_its_own(
    project: CompiledProject, tmp_path: Path
) -> None:
    """Three tenths of a pico-dollar: every allocation is 0, and the pico-euro is somewhere."""
    page = in_euros(costs(line("2026-10-05", "gpt-4o, input", "0.000000000001", 500)))
    company = built(project, tmp_path, "2026-10-01,EUR,USD,0.3,\n", "", page)
    sums = "sum(billed_cost), sum(billed_cost_in_billing_currency), count(*)"
    assert company.query(
        f"select {sums} from fct_cost_allocations where charge_id like 'openai:%'"
    ) == [(Decimal(0), Decimal("0.000000000001"), 3)]


def test_what_was_entered_stands_beside_what_is_accounted_for(
    project: CompiledProject, tmp_path: Path
) -> None:
    """100.00 of usage and 19.00 of tax in euros; of dollars there is nothing to say."""
    page = in_euros(costs(line("2026-10-05", "gpt-4o, input", "100.00", 500)))
    rates = EUR_9 + "2026-10-31,EUR,USD,1.1,\n2026-11-04,EUR,USD,2,\n"
    papers = "openai,org-o,I-10,2026-10,,119,19,EUR,2026-11-03\n"
    company = built(project, tmp_path, rates, papers, page)
    table = foreign_invoices(company.connection, date(2026, 10, 1), "USD")
    assert table is not None and tuple(table.columns) == COLUMNS
    assert [[str(cell) for cell in row] for row in table.rows] == [
        [
            *("2026-10", "openai", "org-o", "I-10", "EUR", "119.00", "USD", "130.90"),
            *("EUR/USD/2026-10-31", "tied", "invoice", "2026-10"),
        ]
    ]
    assert table.totals == {"accounted": "130.90"}
    assert foreign_invoices(company.connection, date(2026, 9, 1), "USD") is None
