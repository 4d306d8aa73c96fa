"""commitments.csv: what a commitment says, and what is wrong with it."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ingestion.test_reference import problems, read

HEADER = (
    "commitment_id,provider,kind,scope,committed_amount,period,discount_percent,overage_percent,"
    "owner,valid_from,valid_to\n"
)


def test_a_commitment_is_typed_and_its_scope_is_conditions(tmp_path: Path) -> None:
    reference = read(
        tmp_path,
        commitments=f"{HEADER}c1,openai,spend,Model=GPT-4o*  & project=P1,100000,year,30%,25,hr,"
        "2026-10-01,2027-10-01\nc2,openai,,,0.5,,0,,,,\n",
    )
    first, second = reference["commitments"].to_pylist()
    assert first["scope"] == "model=gpt-4o* & sub_account=p1"
    assert (first["discount_percent"], first["overage_percent"]) == (Decimal(30), Decimal(25))
    assert first["valid_to"] == datetime(2027, 10, 1, tzinfo=UTC)
    assert (second["kind"], second["scope"], second["period"]) == ("spend", "", "month")
    assert second["overage_percent"] == 0
    conditions = reference["commitment_conditions"].to_pylist()
    assert [tuple(row.values()) for row in conditions] == [
        (2, 1, "model", "gpt-4o*"),
        (2, 2, "sub_account", "p1"),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("c,openai,prepaid,,1,,0,,,,", "kind: `prepaid` is not one of spend"),
        ("c,openai,,team=hr,1,,0,,,,", "scope: unknown field `team`: known are account, sub_"),
        ("c,openai,,gpt-4o,1,,0,,,,", "scope: `gpt-4o` is no condition: write field=glob"),
        ("c,openai,,,0,,0,,,,", "committed_amount: `0` is not between 0 and 1000000000000"),
        ("c,openai,,,1,week,0,,,,", "period: `week` is not one of month, year"),
        ("c,openai,,,1,,101,,,,", "discount_percent: `101`: a discount is between 0 and 100"),
        ("c,openai,,,1,,-1,,,,", "discount_percent: `-1`: a discount is between 0 and 100"),
        ("c,openai,,,1,,,,,,", "discount_percent: is empty: give a value"),
        ("c,openai,,,1,,0,-101,,,", "overage_percent: `-101`: what overage costs on top of list"),
        ("c,openai,,,1,,0,,,2026-10-02,", "valid_from: `2026-10-02` is not the first of a month"),
        ("c,openai,,,1,,0,,,,2026-10-01T00:00:00+02:00", "valid_to: `2026-10-01T00:00:00+02:00`"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_column(
    tmp_path: Path, line: str, problem: str
) -> None:
    [told] = problems(tmp_path, commitments=f"{HEADER}{line}\n")
    assert told.startswith(f"commitments.csv:2: {problem}")


def test_one_commitment_has_one_line_at_a_time(tmp_path: Path) -> None:
    [told] = problems(
        tmp_path,
        commitments=f"{HEADER}c,openai,,,1,,0,,,,2026-10-01\nc,openai,,,2,,0,,,2026-10-01,\n"
        "c,anthropic,,,3,,0,,,2026-11-01,\n",
    )
    assert told.startswith("commitments.csv:4: commitment_id: `c` ties with line 3 (`c`)")
