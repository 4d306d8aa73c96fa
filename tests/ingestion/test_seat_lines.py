"""seats.csv and seat_usage.csv: what a line says, and two lines of one person."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.ingestion.test_reference import problems, read

HEADER = "provider,billing_account,product,plan,person,owner,seats,price,currency,period\n"


def test_a_line_is_a_seat_a_month_unless_it_says_more(tmp_path: Path) -> None:
    lines = "openai,org,chatgpt,,ann,hr,,30,,\nopenai,org,chatgpt,,,hr,12,25.50,EUR,month\n"
    first, second = read(tmp_path, seats=f"{HEADER}{lines}")["seats"].to_pylist()
    assert (first["seats"], first["price"], first["currency"]) == (1, Decimal(30), None)
    assert (second["seats"], second["price"], second["currency"]) == (12, Decimal("25.5"), "EUR")
    assert (first["period"], second["person"], first["included"]) == ("month", None, None)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("openai,org,chatgpt,,ann,hr,0,30,,", "seats: `0` is not a whole number of seats like 12"),
        ("openai,org,chatgpt,,ann,hr,,-30,,", "price: `-30` is negative: a cost is 0 or more"),
        ("openai,org,chatgpt,,ann,hr,,,,", "price: is empty: give a value"),
        ("openai,org,chatgpt,,ann,hr,,360,,week", "period: `week` is not one of month, year"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_column(
    tmp_path: Path, line: str, problem: str
) -> None:
    [told] = problems(tmp_path, seats=f"{HEADER}{line}\n")
    assert told.startswith(f"seats.csv:2: {problem}")


def test_a_person_has_one_seat_of_a_product_at_a_time(tmp_path: Path) -> None:
    header = f"{HEADER.strip()},valid_from,valid_to\n"
    ann = "openai,org,chatgpt,{},ann,{},,30,,,{},{}\n"
    held = ann.format("plus", "hr", "", "2026-10-01")
    [told] = problems(tmp_path, seats=f"{header}{held}{ann.format('pro', 'hr', '2026-09-30', '')}")
    assert told == (
        "seats.csv:3: person: `ann` has a seat of chatgpt in line 2, too, in an overlapping time:"
        " end one before the other starts"
    )
    [told] = problems(tmp_path, seats=f"{header}{held}{held}")
    assert "ties with line 2" in told
    rows = read(tmp_path, seats=f"{header}{held}{ann.format('pro', 'it', '2026-10-01', '')}")
    assert rows["seats"].num_rows == 2


USAGE = "provider,billing_account,billing_month,product,person,used,overage\n"


def test_what_was_used_is_said_of_a_person_and_month(tmp_path: Path) -> None:
    lines = "github,org,2026-10,copilot,dan,41.50,7.50\ngithub,org,2026-10,copilot,fay,0,\n"
    first, second = read(tmp_path, seat_usage=f"{USAGE}{lines}")["seat_usage"].to_pylist()
    assert (first["used"], first["overage"]) == (Decimal("41.5"), Decimal("7.5"))
    assert (second["used"], second["overage"], second["currency"]) == (0, None, None)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("github,org,2026-10,copilot,dan,,", "used: is empty: give a value"),
        ("github,org,2026-10,copilot,,1,", "person: is empty: give a value"),
        ("github,org,2026-10,copilot,dan,7,7.01", "overage: is more than `used`"),
        ("github,org,October,copilot,dan,7,", "billing_month: `October` is not a month"),
    ],
)
def test_wrong_use_is_told_with_its_line_and_column(
    tmp_path: Path, line: str, problem: str
) -> None:
    [told] = problems(tmp_path, seat_usage=f"{USAGE}{line}\n")
    assert told.startswith(f"seat_usage.csv:2: {problem}")


def test_a_persons_month_is_one_line(tmp_path: Path) -> None:
    line = "github,org,2026-10,copilot,dan,7,\n"
    [told] = problems(tmp_path, seat_usage=f"{USAGE}{line}{line.replace(',7,', ',8,')}")
    assert "ties with line 2" in told
