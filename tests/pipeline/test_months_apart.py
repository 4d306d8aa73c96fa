"""Months are built apart: one thing changed in one, and every one is as a fresh build has it."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from tests.pipeline.workspaces import (
    HISTORY,
    Bench,
    assert_same_tables,
    contents,
    copy_sources,
    exported,
    run,
    write_files,
)
from tests.scenarios.companies import SETTINGS, call, costs, line, log

MODEL: Final = "gpt-4o-2024-08-06"
MONTHS: Final = tuple(date(2026, month, 1) for month in range(5, 13))
INVOICES: Final = (
    "provider,billing_account,invoice_id,billing_month,kind,amount,currency,commitment_id,pays_from,pays_to\n"
    "beta,main,B-1,2026-06,commitment,1200,USD,year,2026-06,2027-06\n"
)
PRICES: Final = (
    "provider,model,meter,volume_above,unit_price_per_million,valid_from,valid_to\n"
    "openai,gpt-4o,input,,2500000,,\n"
    "beta,big,input,,1000000,,\n"
)
CREDENTIALS: Final = (
    "source,credential_id,team_id,valid_from,valid_to\nopenai,k1,hr,,\nopenai,k2,web,,\n"
)


def page(month: date, *more: Any) -> str:
    """Two keys on the first, the fifth and the last day, with less or more than was logged."""
    days = (month, month + timedelta(4), last_of(month))
    return costs(
        *(
            line(day.isoformat(), f"{MODEL}, input", amount, quantity, key)
            for day in days
            for key, amount, quantity in (("k1", "0.25", 120), ("k2", "0.5", 90))
        ),
        *more,
    )


def calls(month: date) -> list[dict[str, Any]]:
    times = (
        f"{month}T00:00:20Z",
        f"{month}T10:00:00Z",
        f"{month + timedelta(4)}T10:00:00Z",
        f"{last_of(month)}T10:00:00Z",
        f"{last_of(month)}T23:59:40Z",
    )
    return [
        call(at, MODEL, tokens, provider="openai", key=key, team=team)
        for at in times
        for tokens, key, team in ((70, "k1", "hr"), (40, "k2", "web"), (30, "k3", "lab"))
    ] + [call(f"{month}T11:00:00Z", "big", 300, provider="beta", key="k1", team="hr")]


def last_of(month: date) -> date:
    return (month + timedelta(31)).replace(day=1) - timedelta(1)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    bench = Bench(tmp_path_factory.mktemp("months") / "company")
    files = {
        "tollbook.yaml": SETTINGS,
        "reference/prices.csv": PRICES,
        "reference/credentials.csv": CREDENTIALS,
        "reference/invoices.csv": INVOICES,
        "reference/commitments.csv": "commitment_id,provider,committed_amount,period,"
        "discount_percent,owner,valid_from\nyear,beta,12000,year,90,platform,2026-06-01\n",
    }
    for month in MONTHS:
        files[f"logs/{month}.jsonl"] = log(calls(month))
        files[f"openai/{month}.json"] = page(month)
    write_files(bench.folder, files)
    run(bench.folder)
    bench.save()
    return bench


def a_line_on_either_side_of_midnight(folder: Path) -> None:
    late = [
        call("2026-05-31T23:59:59Z", MODEL, 25, provider="openai", key="k1", team="web"),
        call("2026-07-01T00:00:00Z", MODEL, 35, provider="openai", key="k2", team="hr"),
    ]
    write_files(folder, {"logs/late.jsonl": log(late)})


def a_charge(folder: Path) -> None:
    more = line("2026-08-05", f"{MODEL}, input", "0.125", 50, "k3")
    write_files(folder, {"openai/2026-08-01.json": page(date(2026, 8, 1), more)})


def a_reversal(folder: Path) -> None:
    back = line("2026-10-04", f"{MODEL}, input", "-0.25", None, "k1")
    write_files(folder, {"openai/2026-10-01.json": page(date(2026, 10, 1), back)})


def a_payment(folder: Path) -> None:
    append(
        folder / "reference/invoices.csv",
        "beta,main,B-2,2026-09,commitment,60,USD,year,2026-09,2026-12",
    )


def an_invoice(folder: Path) -> None:
    append(folder / "reference/invoices.csv", "openai,org-o,O-7,2026-06,usage,2.26,USD,,,")


def a_price_with_bands(folder: Path) -> None:
    append(folder / "reference/prices.csv", "beta,big,input,1000,500000,2026-11-01,")


def a_reference_row_inside_a_month(folder: Path) -> None:
    rows = CREDENTIALS.replace(
        "openai,k2,web,,", "openai,k2,web,,2026-12-03\nopenai,k2,lab,2026-12-03,"
    )
    write_files(folder, {"reference/credentials.csv": rows})


def append(file: Path, row: str) -> None:
    file.write_text(f"{file.read_text()}{row}\n")


CHANGES: Final[tuple[Callable[[Path], None], ...]] = (
    a_line_on_either_side_of_midnight,
    a_charge,
    a_reversal,
    a_payment,
    an_invoice,
    a_price_with_bands,
    a_reference_row_inside_a_month,
)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(change, marks=[pytest.mark.slow] if change is not a_reversal else [])
        for change in CHANGES
    ],
)
def test_one_thing_changed_in_a_month_equals_a_fresh_build(
    bench: Bench, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    folder = bench.restore()
    change(folder)
    run(folder)
    built = months_in_hand(folder)
    assert 0 < len(built) < len(MONTHS), built
    found, files = contents(folder), exported(folder)
    copy_sources(folder, tmp_path / "sources")
    fresh = bench.build(tmp_path / "sources")
    assert_same_tables(found, contents(fresh), but=HISTORY)
    assert files == exported(fresh)


def test_changes_one_after_the_other_equal_a_fresh_build(bench: Bench, tmp_path: Path) -> None:
    """All of them, each before the next in time has been built."""
    folder = bench.restore()
    for together in (CHANGES[:1], CHANGES[1:4], CHANGES[4:]):
        for change in together:
            change(folder)
        run(folder)
    found, files = contents(folder), exported(folder)
    copy_sources(folder, tmp_path / "sources")
    fresh = bench.build(tmp_path / "sources")
    assert_same_tables(found, contents(fresh), but=HISTORY)
    assert files == exported(fresh)


def months_in_hand(folder: Path) -> list[date]:
    with duckdb.connect(folder / "warehouse.duckdb", read_only=True) as connection:
        rows = connection.execute("select billing_month from intermediate.int_months_in_hand")
        return [month for (month,) in rows.fetchall()]
