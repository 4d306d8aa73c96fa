"""Rows of invoices.csv that charge for a commitment: which one, and the months they pay for."""

from datetime import date
from pathlib import Path

import pytest

from tests.ingestion.test_reference import problems, read

COMMITMENTS = (
    "commitment_id,provider,committed_amount,period,discount_percent,valid_from,valid_to\n"
    "year,openai,120000,year,30,2026-04-01,2027-10-01\n"
    "month,anthropic,100,month,20,2026-01-01,2026-07-01\n"
    "month,anthropic,200,month,20,2026-09-01,\n"
    "also,anthropic,1,month,0,2026-10-01,\n"
    "ever,aws,1,year,0,,\n"
)
HEADER = "provider,billing_account,invoice_id,billing_month,kind,amount,currency"
HEADER += ",commitment_id,pays_from,pays_to\n"


def paid(tmp_path: Path, *lines: str) -> list[tuple[str, date, date]]:
    reference = read(tmp_path, commitments=COMMITMENTS, invoices=HEADER + "\n".join(lines))
    return [
        (row["commitment_id"], row["pays_from"], row["pays_to"])
        for row in reference["invoices"].to_pylist()
    ]


def told(tmp_path: Path, *lines: str) -> list[str]:
    return problems(tmp_path, commitments=COMMITMENTS, invoices=HEADER + "\n".join(lines))


def test_a_year_is_twelve_months_of_the_commitment_cut_to_its_end(tmp_path: Path) -> None:
    """An invoice before the term pays for its first year, one after it for its last."""
    assert paid(
        tmp_path,
        "openai,o,a,2026-03,commitment,1,USD,year,,",
        "openai,o,b,2027-04,commitment,1,USD,,,",
        "aws,o,d,2026-10,commitment,1,USD,,,",
    ) == [
        ("year", date(2026, 4, 1), date(2027, 4, 1)),
        ("year", date(2027, 4, 1), date(2027, 10, 1)),
        ("ever", date(2026, 1, 1), date(2027, 1, 1)),
    ]


def test_a_month_is_its_own_and_the_line_is_the_one_in_force_or_the_next(tmp_path: Path) -> None:
    assert paid(
        tmp_path,
        "anthropic,o,a,2026-06,commitment,1,USD,,,",
        "anthropic,o,b,2026-08,commitment,1,USD,month,,",
        "anthropic,o,c,2026-10,commitment,1,USD,also,,",
    ) == [
        ("month", date(2026, 6, 1), date(2026, 7, 1)),
        ("month", date(2026, 9, 1), date(2026, 10, 1)),
        ("also", date(2026, 10, 1), date(2026, 11, 1)),
    ]


def test_a_shortfall_is_of_its_own_month_also_after_the_term(tmp_path: Path) -> None:
    assert paid(tmp_path, "openai,o,a,2028-01,shortfall,1,USD,year,,") == [
        ("year", date(2028, 1, 1), date(2028, 2, 1))
    ]


def test_instalments_say_their_months_and_other_rows_have_none(tmp_path: Path) -> None:
    assert paid(
        tmp_path,
        "openai,o,a,2026-04,commitment,1,USD,,2026-04,2026-05",
        "openai,o,b,2026-05,commitment,1,USD,,2026-05,2026-06",
        "openai,o,c,2026-05,commitment,-1,USD,,2026-04,2026-05",
        "openai,o,c,2026-05,usage,1,USD,,,",
    ) == [
        ("year", date(2026, 4, 1), date(2026, 5, 1)),
        ("year", date(2026, 5, 1), date(2026, 6, 1)),
        ("year", date(2026, 4, 1), date(2026, 5, 1)),
        (None, None, None),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "anthropic,o,a,2026-10,commitment,1,USD,,,",
            "commitment_id: is empty, and also, month of anthropic are in force in 2026-10: name"
            " the one that is paid",
        ),
        (
            "google,o,a,2026-10,shortfall,1,USD,,,",
            "commitment_id: is empty, and no commitment of google is in force in 2026-10: name the"
            " one that is paid",
        ),
        (
            "openai,o,a,2026-10,commitment,1,USD,month,,",
            "commitment_id: `month` is no commitment of openai: commitments.csv has year",
        ),
        (
            "openai,o,a,2026-10,usage,1,USD,year,,",
            "commitment_id: is for rows of kind commitment or shortfall: leave it empty",
        ),
        (
            "openai,o,a,2026-10,shortfall,1,USD,year,2026-10,2026-11",
            "pays_from: a shortfall is of its billing month: leave pays_from and pays_to empty",
        ),
        (
            "openai,o,a,2026-10,commitment,1,USD,year,2026-10,",
            "pays_from: give both pays_from and pays_to, or neither",
        ),
        (
            "openai,o,a,2026-10,commitment,1,USD,year,2026-10,2026-10",
            "pays_to: is not after pays_from, so the row pays for no month",
        ),
        (
            "openai,o,a,2026-10,commitment,1,USD,year,2027-09,2027-11",
            "pays_from: 2027-09 to 2027-11 is not within the time of year, line by line of"
            " commitments.csv",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_column(
    tmp_path: Path, line: str, problem: str
) -> None:
    assert told(tmp_path, line) == [f"invoices.csv:2: {problem}"]


def test_months_that_two_invoices_pay_for_are_told_unless_they_say_so(tmp_path: Path) -> None:
    """Twelve instalments, each spread over the whole year, would move money of closed months."""
    [problem] = told(
        tmp_path,
        "openai,o,a,2026-04,commitment,1,USD,,,",
        "openai,p,a,2026-04,commitment,1,USD,,,",
        "openai,o,b,2026-05,commitment,1,USD,,,",
        "openai,o,c,2026-06,commitment,1,USD,,2026-04,2027-04",
    )
    assert problem == (
        "invoices.csv:4: pays_from: line 2, an invoice of 2026-04, pays for the same months"
        " (2026-04 to 2027-04): say in pays_from and pays_to which months this one pays for"
    )
    [same] = told(
        tmp_path,
        "openai,o,a,2026-04,commitment,1,USD,year,,",
        "openai,o,a,2026-04,commitment,1,USD,,,",
    )
    assert same == "invoices.csv:3: commitment_id: says what line 2 says"


def test_a_broken_commitment_is_told_and_not_what_follows_from_it(tmp_path: Path) -> None:
    [problem] = problems(
        tmp_path,
        commitments="commitment_id,provider,committed_amount,discount_percent\nyear,openai,0,0\n",
        invoices=f"{HEADER}openai,o,a,2026-10,commitment,1,USD,year,,\n",
    )
    assert problem.startswith("commitments.csv:2: committed_amount")
