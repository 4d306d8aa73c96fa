"""A request is priced as of its moment: a new price or contract touches its own period only."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from rated_requests import Rated, Row, rate, request

from tests.pipeline.compiled_project import CompiledProject

DAY = datetime(2026, 10, 20, tzinfo=UTC)  # day D of every change
MICROSECOND = timedelta(microseconds=1)
PRICES = (
    "provider,model,meter,service_tier,context_above,unit_price_per_million,valid_from,valid_to"
)
CONTRACTS = (
    "provider,model,meter,service_tier,discount_percent,unit_price_per_million,valid_from,valid_to"
)
TOKENS = {"input": 1_234_567, "cache_read": 89, "output": 3}
# by hand: 1,234,567 x 2.50 + 89 x 1.25 + 3 x 10 dollars per million
LISTED = Decimal("3.08655875")


def at(**later: int) -> datetime:
    return DAY + timedelta(**later)


def five_days() -> list[Row]:
    """Requests of D-3 to D+1 at midnight and just before the next one."""
    return [
        request(f"{day:+d} {name}", "openai", "gpt-4o", at(days=day) + moment, **TOKENS)
        for day in range(-3, 2)
        for name, moment in (("first", timedelta()), ("last", timedelta(days=1) - MICROSECOND))
    ]


@pytest.fixture(scope="module")
def before(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rated]:
    return rate(project, tmp_path_factory.mktemp("before"), five_days())


def csv(header: str, *lines: str) -> str:
    return "\n".join([header, *lines, ""])


def unchanged(before: dict[str, Rated], after: dict[str, Rated]) -> set[str]:
    """Requests of which nothing differs: no digit, no price's id, no hash of the day."""
    return {key for key, found in after.items() if found == before[key]}


def test_prices_are_those_of_the_book_before_any_change(before: dict[str, Rated]) -> None:
    assert {found.list_cost for found in before.values()} == {LISTED}


def test_a_price_from_day_d_leaves_earlier_days_as_they_were(
    project: CompiledProject, tmp_path: Path, before: dict[str, Rated]
) -> None:
    """Trap 14: a premium that ends on a day holds before it. Scenario 2.1: a price changed on D
    leaves D-1 unchanged to the pico-dollar.
    """
    prices = csv(PRICES, "openai,gpt-4o,input,,,3,2026-10-20,")
    after = rate(project, tmp_path, five_days(), {"prices": prices})
    assert unchanged(before, after) == {key for key in before if key.startswith("-")}
    changed = {found.list_cost for key, found in after.items() if key.startswith("+")}
    # 1,234,567 tokens at 0.50 more
    assert changed == {LISTED + Decimal("0.6172835")}


def test_the_instant_belongs_to_the_new_price_and_the_end_to_the_old_one_again(
    project: CompiledProject, tmp_path: Path
) -> None:
    start, end = at(hours=12), at(hours=18)
    prices = csv(PRICES, f"openai,gpt-4o,input,,,3,{start.isoformat()},{end.isoformat()}")
    moments = {
        "before": (start - MICROSECOND, "2.5"),
        "start": (start, "3"),
        "last": (end - MICROSECOND, "3"),
        "end": (end, "2.5"),
    }
    rows = [
        request(key, "openai", "gpt-4o", moment, input=1_000_000)
        for key, (moment, _) in moments.items()
    ]
    after = rate(project, tmp_path, rows, {"prices": prices})
    assert {key: found.list_cost for key, found in after.items()} == {
        key: Decimal(price) for key, (_, price) in moments.items()
    }


def test_an_old_period_corrected_later_touches_that_period_only(
    project: CompiledProject, tmp_path: Path, before: dict[str, Rated]
) -> None:
    prices = csv(PRICES, "openai,gpt-4o,output,,,11,2026-10-18,2026-10-19")
    after = rate(project, tmp_path, five_days(), {"prices": prices})
    costs = {key for key, found in after.items() if found.list_cost != before[key].list_cost}
    assert costs == {"-2 first", "-2 last"}
    assert {after[key].list_cost for key in costs} == {LISTED + Decimal("0.000003")}


def test_a_price_of_another_model_touches_no_day(
    project: CompiledProject, tmp_path: Path, before: dict[str, Rated]
) -> None:
    prices = csv(PRICES, "openai,gpt-4.1,input,,,9,,", "azure,gpt-4o,input,,,9,,")
    after = rate(project, tmp_path, five_days(), {"prices": prices})
    assert unchanged(before, after) == before.keys()


def test_a_contract_is_beside_the_list_price_while_it_is_valid(
    project: CompiledProject, tmp_path: Path, before: dict[str, Rated]
) -> None:
    contracts = csv(CONTRACTS, "openai,gpt-4o*,*,,15,,2026-10-20,2026-10-21")
    after = rate(project, tmp_path, five_days(), {"contracts": contracts})
    assert {found.list_cost for found in after.values()} == {LISTED}
    assert unchanged(before, after) >= {key for key in before if key.startswith("-")}
    # by hand: 1,234,567 x 2.125 + 89 x 1.0625 + 3 x 8.5 dollars per million
    assert {key: found.contracted_cost for key, found in after.items()} == {
        key: Decimal("2.6235749375") if key.startswith("+0") else LISTED for key in before
    }


def test_a_contract_price_and_a_discount_on_the_workspaces_own_price(
    project: CompiledProject, tmp_path: Path
) -> None:
    after = rate(
        project,
        tmp_path,
        [request("one", "openai", "gpt-4o", DAY, input=1_000_000, output=1_000_000)],
        {
            "prices": csv(PRICES, "openai,gpt-4o,input,,,3,2026-10-01,"),
            "contracts": csv(
                CONTRACTS, "openai,gpt-4o,input,,10,,,", "openai,gpt-4o,output,,,7.77,,"
            ),
        },
    )
    assert after["one"].list_cost == 13
    assert after["one"].contracted_cost == Decimal("2.7") + Decimal("7.77")


def batch(started_at: datetime, ended_at: datetime) -> list[Row]:
    columns = {"service_tier": "batch", "ended_at": ended_at, "input": 1_000_000}
    return [request("batch", "openai", "gpt-4o", started_at, **columns)]


def test_a_batch_is_used_when_it_ends_and_priced_as_of_its_start(
    project: CompiledProject, tmp_path: Path
) -> None:
    """Trap 3: a batch is billed when it ends, and logged when it was sent."""
    prices = csv(PRICES, "openai,gpt-4o,input,batch,,2,2026-10-20,")
    rated = rate(project, tmp_path, batch(at(hours=-1), at(hours=5)), {"prices": prices})
    assert rated["batch"].usage_date == date(2026, 10, 20)
    assert rated["batch"].list_cost == Decimal("1.25")


@pytest.mark.parametrize("days", [1, 2])
def test_a_changed_price_of_a_batchs_start_builds_the_day_of_its_end_again(
    project: CompiledProject, tmp_path: Path, days: int
) -> None:
    rows = batch(DAY, at(days=days, hours=5))
    old, new = (
        rate(
            project,
            tmp_path / price,
            rows,
            {"prices": csv(PRICES, f"openai,gpt-4o,input,batch,,{price},2026-10-20,2026-10-21")},
        )["batch"]
        for price in ("2", "3")
    )
    assert (old.list_cost, new.list_cost) == (Decimal(2), Decimal(3))
    assert old.day_hash != new.day_hash
