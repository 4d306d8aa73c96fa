"""Scenarios 2.2 and 4.2: incidents replayed as logs, and when they would have been seen."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from companies import Company, call, log, write_company

from tests.pipeline.compiled_project import CompiledProject

SETTINGS: Final = """\
company: Incidents
timezone: Europe/Berlin
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {gateway_key_alias: key, user_id: who, images: pictures, tag:env: env}
"""
# $0.04 an image is an assumption of the scenario, $0.12 a thousand tokens the price of then.
REFERENCE: Final = {
    "reference/prices.csv": "provider,model,meter,unit_price_per_million\n"
    "google,imagen-3,images,40000\nopenai,gpt-4-32k,output,120\nhouse,large,input,2500\n",
    "reference/teams.csv": "team_id,team_name,owner_email\nstudio,Studio,ada@example.com\n",
}
START: Final = datetime(2026, 9, 20, tzinfo=UTC)
NIGHT: Final = datetime(2026, 10, 20, 21, tzinfo=UTC)
AFTERNOON: Final = datetime(2026, 10, 22, 14, tzinfo=UTC)
DEPLOYED: Final = datetime(2026, 10, 23, 9, tzinfo=UTC)
UNKNOWN: Final = datetime(2026, 10, 24, 9, tzinfo=UTC)
END: Final = datetime(2026, 10, 26, tzinfo=UTC)


def at(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def quiet() -> Iterator[dict[str, Any]]:
    """A key of $5.00 an hour by day and $1.00 by night, whose prompts are as they were planned."""
    for hour in range(int((END - START) / timedelta(hours=1))):
        moment = START + timedelta(hours=hour)
        prompt = 18_000 if DEPLOYED <= moment < DEPLOYED + timedelta(hours=3) else 1000
        for minute in range(0, 10 if 8 <= moment.hour < 18 else 2, 5):
            yield call(
                at(moment + timedelta(minutes=minute)), "large", prompt, key="builder",
                provider="house", feature_tag="build", env="prod", team="apps",
            )  # fmt: skip


def imagen(hours: int = 6) -> Iterator[dict[str, Any]]:
    """$47,000.00 in six hours: 1,175,000 images, in requests of many."""
    for minute in range(hours * 60):
        pictures = 1_175_000 * (minute + 1) // 360 - 1_175_000 * minute // 360
        yield call(
            at(NIGHT + timedelta(minutes=minute)), "imagen-3", 0, pictures=pictures, key="night",
            provider="google", feature_tag="covers", team="studio", who="batch-7",
        )  # fmt: skip


def loop() -> Iterator[dict[str, Any]]:
    """2,100,000 tokens of output in 90 minutes."""
    for number in range(1, 8401):
        yield call(
            at(AFTERNOON + timedelta(minutes=90) * number / 8400), "gpt-4-32k", 0, 250,
            provider="openai", key="research", feature_tag="notes", env="dev",
        )  # fmt: skip


def unpriced() -> Iterator[dict[str, Any]]:
    """50,000,000 tokens an hour."""
    for second in range(0, 7200, 18):
        yield call(
            at(UNKNOWN + timedelta(seconds=second)), "nobody-knows-it", 250_000, key="trial",
            provider="house", feature_tag="trial",
        )  # fmt: skip


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    logs = {
        f"logs/{name}.ndjson": log(calls)
        for name, calls in [
            ("quiet", quiet()), ("imagen", imagen()), ("loop", loop()), ("unpriced", unpriced())
        ]
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("incidents")
    return Company(project, write_company(folder, {**logs, **REFERENCE}, SETTINGS))


def found(company: Company, key: str, columns: str) -> tuple[Any, ...]:
    [row] = company.query(f"select {columns} from mart_runaways where key_name = '{key}'")
    return row


def plain(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def test_four_incidents_are_four_rows_and_the_quiet_month_is_none(company: Company) -> None:
    assert company.query("select axis, entity, signature from mart_runaways order by all") == [
        ("key", "proxy/builder", "unusual"),
        ("key", "proxy/night", "new"),
        ("key", "proxy/research", "loop"),
        ("key", "proxy/trial", "loop"),
    ]


def test_scenario_4_2_the_47000_dollars_of_imagen_are_seen_in_the_first_complete_hour(
    company: Company,
) -> None:
    columns = (
        "first_seen_at, detected_at, hours_over, list_cost, exposure_at_detection,"
        " exposure_so_far, call_owner, user_id, model, is_open"
    )
    row = found(company, "night", columns)
    assert row[:3] == (plain(NIGHT), plain(NIGHT + timedelta(hours=1)), 6)
    assert row[3] == row[5] == Decimal("47000")
    # $7,833.33 an hour, $130.56 a minute; 195,833 of 1,175,000 images
    assert row[4] == Decimal("7833.32") <= round(row[3] / 6, 2) == Decimal("7833.33")
    assert round(row[3] / 360, 2) == Decimal("130.56")
    images = "select sum(quantity) from fct_request_meters where meter = 'images'"
    assert company.value(images) == 1_175_000
    assert row[6:] == ("ada@example.com", "batch-7", "imagen-3", False)


def test_scenario_4_2_the_loop_of_90_minutes(company: Company) -> None:
    columns = "first_seen_at, detected_at, list_cost, exposure_at_detection, tokens, measure"
    first, detected, cost, exposure, tokens, measure = found(company, "research", columns)
    assert plain(AFTERNOON) <= first < plain(AFTERNOON + timedelta(seconds=1))
    assert detected == plain(AFTERNOON + timedelta(hours=1))
    assert (cost, tokens, measure) == (Decimal("252"), 2_100_000, "list_cost")
    assert exposure == Decimal("167.97")


def test_scenario_2_2_a_prompt_of_18_times_its_plan_is_a_runaway(company: Company) -> None:
    columns = "first_seen_at, hours_over, list_cost, exposure_so_far, entity"
    assert found(company, "builder", columns) == (
        plain(DEPLOYED), 3, Decimal("270"), Decimal("255"), "proxy/builder",
    )  # fmt: skip


def test_what_nobody_prices_is_found_and_its_exposure_is_unknown(company: Company) -> None:
    columns = (
        "measure, hours_over, unpriced_requests, unpriced_quantity, list_cost, exposure_so_far,"
        " exposure_by_morning"
    )
    assert found(company, "trial", columns) == (
        *("unpriced_quantity", 2, 400, 100_000_000), None, None, None,
    )  # fmt: skip


def test_scenario_4_2_a_cap_of_30_dollars_and_an_alert_of_50_on_the_curve(company: Company) -> None:
    curve = company.query(
        "select used_at, list_cost_so_far, tokens_so_far from mart_runaway_curve"
        " inner join mart_runaways using (runaway_id) where key_name = 'research' order by used_at"
    )

    def reached(dollars: int) -> tuple[Decimal, int]:
        moment, _, tokens = next(row for row in curve if row[1] >= dollars)
        minutes = Decimal(str((moment - plain(AFTERNOON)) / timedelta(minutes=1)))
        return minutes.quantize(Decimal("0.01")), tokens

    assert reached(30) == (Decimal("10.71"), 250_000)
    assert reached(50)[0] == Decimal("17.86")
    # what the cap would have saved
    assert curve[-1][1] - 30 == 222


def test_a_runaway_that_goes_on_says_what_it_costs_by_morning(
    project: CompiledProject, tmp_path: Path
) -> None:
    logs = {"logs/a.ndjson": log(quiet_before()), "logs/b.ndjson": log(imagen(hours=2))}
    company = Company(project, write_company(tmp_path, {**logs, **REFERENCE}, SETTINGS))
    columns = "is_open, exposure_so_far, exposure_by_morning"
    # from 22:59 UTC, in Berlin 00:59, it is 8 hours and a minute to 9:00
    until_morning = (Decimal("7833.32") * 481 / 60).quantize(Decimal("1e-12"), ROUND_DOWN)
    assert found(company, "night", columns) == (
        True, Decimal("15666.64"), Decimal("15666.64") + until_morning
    )  # fmt: skip


def quiet_before() -> Iterator[dict[str, Any]]:
    return (each for each in quiet() if each["timestamp"] < at(NIGHT))
