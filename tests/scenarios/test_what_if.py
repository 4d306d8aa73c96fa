"""Scenarios 2.3 and 5.2: what a slice of a month would cost somewhere else, to the cent."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from companies import SETTINGS, Company, call, log, write_company

from ingestion.workspace.settings import WorkspaceError
from orchestration.command import tollbook
from orchestration.explaining.what_if import COLUMNS, Slice, Target, what_if
from tests.pipeline.compiled_project import CompiledProject

# volume bands, a context band, a fee, and a meter that the target does not sell
PRICES = """\
provider,model,meter,service_tier,context_above,volume_above,unit_price_per_million,valid_from,valid_to
house,small,input,,,,1,,
house,small,output,,,,2,,
house,banded,input,,,0,10,,
house,banded,input,,,1000,5,,
house,banded,output,,,,4,,
house,long,input,,,,1,,
house,long,input,,500,,3,,
house,long,output,,,,2,,
house,dated,input,,,,1,,2026-10-08
house,dated,input,,,,7,2026-10-08,
house,dated,output,,,,2,,
house,feed,input,,,,1,,
house,feed,requests,,,,5000,,
"""


def sessions() -> Iterator[dict[str, Any]]:
    """500 sessions of 8 messages: a thousandth of the exercise."""
    for number in range(4000):
        yield call(
            f"2026-10-15T{number % 24:02}:00:00Z", "gpt-4o", 350, 200, feature_tag="chatbot",
            provider="openai", request_id=f"m{number}",
        )  # fmt: skip


def house_calls() -> Iterator[dict[str, Any]]:
    known = {"provider": "house", "feature_tag": "own"}
    for day, model, tokens in (
        (6, "small", 400),
        (7, "banded", 900),
        (8, "small", 600),
        (9, "banded", 300),
        (10, "long", 501),
    ):
        yield call(f"2026-10-{day:02}T10:00:00Z", model, tokens, 100, **known)
    yield call(
        "2026-10-11T10:00:00Z", "small", 600, cached_tokens=500, **known | {"feature_tag": "cached"}
    )
    yield call("2026-10-12T10:00:00Z", "nobody-knows", 600, **known | {"feature_tag": "unpriced"})


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    files = {
        "logs/sessions.jsonl": log(sessions()),
        "logs/house.jsonl": log(house_calls()),
        "reference/prices.csv": PRICES,
    }
    folder = tmp_path_factory.mktemp("what-if")
    return Company(project, write_company(folder, files, SETTINGS.partition("bills:")[0]))


OCTOBER = date(2026, 10, 1)


def repriced(company: Company, target: Target, **of: Any) -> list[dict[str, Any]]:
    rows = what_if(company.connection, Slice(OCTOBER, **of), target)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def then(company: Company, target: Target, **of: Any) -> Decimal | None:
    [row] = repriced(company, target, **of)
    cost: Decimal | None = row["then"]
    return cost


def test_scenario_5_2_500_000_sessions_of_8_messages_on_six_models(company: Company) -> None:
    chatbot = {"owner": {"feature": "chatbot"}}
    costs = {
        model: then(company, Target(model, provider, scale=Decimal(1000)), **chatbot)
        for model, provider in (
            ("gpt-4o", None),
            ("gpt-4o-mini", None),
            ("gpt-4-turbo", None),
            ("claude-3-haiku", "anthropic"),
            ("claude-3-5-sonnet", "anthropic"),
            ("claude-3-opus-20240229", "anthropic"),
        )
    }
    assert costs == {
        "gpt-4o": 11_500,
        "gpt-4o-mini": 690,
        "claude-3-haiku": 1_350,
        "claude-3-5-sonnet": 16_200,
        "claude-3-opus-20240229": 81_000,
        "gpt-4-turbo": 38_000,
    }
    # 4 M messages, of 1.4 bn tokens in and 0.8 bn out
    assert company.query(
        "select 1000 * count(distinct request_key),"
        " 1000 * sum(quantity) filter (where meter = 'input'),"
        " 1000 * sum(quantity) filter (where meter = 'output') from fct_request_meters"
        " inner join fct_requests using (request_key) where feature = 'chatbot'"
    ) == [(4_000_000, 1_400_000_000, 800_000_000)]
    [row] = repriced(company, Target("gpt-4o-mini", scale=Decimal(1000)), **chatbot)
    assert (row["requests"], row["now"], row["difference"]) == (
        4000,
        Decimal("11.5"),
        Decimal("678.5"),
    )


def test_scenario_2_3_batch_is_half_and_ten_times_the_load_ten_times_the_cost(
    company: Company,
) -> None:
    chatbot = {"owner": {"feature": "chatbot"}}
    assert then(company, Target(service_tier="batch"), **chatbot) == Decimal("5.75")
    assert then(company, Target(scale=Decimal(10)), **chatbot) == 115
    assert then(company, Target(scale=Decimal("1.4")), **chatbot) == Decimal("16.1")


def test_what_stays_where_it_is_costs_what_it_did(company: Company) -> None:
    for row in repriced(company, Target()):
        assert row["then"] == row["now"], row["model"]
        assert (row["then"] is None) == (row["requests_unpriced"] > 0)


def test_volume_bands_hold_at_any_scale_and_beside_what_is_there(company: Company) -> None:
    # 400, 900 and 300 of which 1,000 cost 10, and 600 between them
    moved = then(company, Target("banded"), model="small", owner={"feature": "own"})
    # 400 at 10; after 400 + 900 = 1,300 all 600 at 5; 200 of output at 4
    assert moved == Decimal("0.0078")
    # alone on the model: 9,000 + 3,000, of which 1,000 cost 10
    tenfold = then(company, Target(scale=Decimal(10)), model="banded")
    assert tenfold == Decimal("0.01") + Decimal("0.055") + Decimal("0.008")
    assert then(company, Target(), model="banded") == Decimal("0.0118")


def test_a_context_band_prices_the_whole_request_and_a_price_its_own_days(company: Company) -> None:
    own = {"model": "small", "owner": {"feature": "own"}}
    # 400 at 1; 600 at 3; 200 of output at 2
    assert then(company, Target("long"), **own) == Decimal("0.0026")
    # ten times as many requests are no longer ones
    assert then(company, Target("long", scale=Decimal(10)), **own) == Decimal("0.026")
    # 400 at 1, and from the 8th on 600 at 7
    assert then(company, Target("dated"), **own) == Decimal("0.005")


def test_a_meter_without_a_price_there_is_named_and_a_fee_is_the_target_s(company: Company) -> None:
    [row] = repriced(company, Target("feed"), owner={"feature": "cached"})
    assert (row["now"], row["then"], row["unpriced"]) == (None, None, "cache_read 500")
    assert row["requests_unpriced"] == 1
    [row] = repriced(company, Target("feed"), model="long")
    assert row["unpriced"] == "output 100"
    [row] = repriced(company, Target("small"), owner={"feature": "unpriced"})
    assert (row["now"], row["then"], row["difference"]) == (None, Decimal("0.0006"), None)
    [row] = repriced(company, Target("feed"), owner={"feature": "unpriced"})
    assert row["then"] == Decimal("0.0056")


def test_a_model_nobody_sells_and_one_that_several_do(company: Company) -> None:
    chatbot = {"owner": {"feature": "chatbot"}}
    with pytest.raises(WorkspaceError, match=r"no such model: did you mean .*gpt-4o-mini"):
        repriced(company, Target("gpt-4o-minni"), **chatbot)
    with pytest.raises(
        WorkspaceError, match=r"is not sold by openai: say by whom, --provider .*anthropic"
    ):
        repriced(company, Target("claude-3-haiku"), **chatbot)
    with pytest.raises(WorkspaceError, match="no such provider"):
        repriced(company, Target(provider="antropic"), **chatbot)
    with pytest.raises(WorkspaceError, match="2026-10, feature ghost: no requests"):
        repriced(company, Target(), owner={"feature": "ghost"})
    # as a log may call it; the only seller needs no word
    assert then(company, Target("GPT-4o-mini-2024-07-18"), **chatbot) == Decimal("0.69")
    assert then(company, Target("small"), **chatbot) == Decimal("3.0")


def test_the_command_prints_what_is_asked_as_table_csv_and_json(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOLLBOOK_WORKSPACE", "")
    marts = company.folder / "marts.duckdb"
    company.connection.execute(f"attach '{marts}' as published")
    for table in ("fct_requests", "fct_request_meters", "dim_prices", "dim_models"):
        company.connection.execute(
            f"create table published.main.{table} as select * from warehouse.main.{table}"
        )
    company.connection.execute("create schema published.published")
    company.connection.execute("detach published")
    asked = ("--workspace", str(company.folder), "what-if", "--month", "2026-10")

    def answer(*options: str) -> str:
        result = CliRunner().invoke(tollbook, [*asked, *options])
        assert result.exit_code == 0, result.output
        return result.output

    mini = ("--feature", "chatbot", "--model", "gpt-4o-mini", "--scale", "10")
    [row] = json.loads(answer(*mini, "--format", "json"))
    assert (row["now"], row["then"], row["difference"]) == (11.5, 6.9, -4.6)
    assert answer(*mini, "--format", "csv").splitlines()[0] == ",".join(COLUMNS)
    table = answer("--feature", "own", "--model", "small").splitlines()
    assert table[-1].split()[:2] == ["all", "5"]
    for scale in ("0", "-1", "ten", "0.0000001"):
        result = CliRunner().invoke(tollbook, [*asked, "--scale", scale])
        assert result.exit_code == 2
        assert "is not a number like 10 or 1.4" in result.output
