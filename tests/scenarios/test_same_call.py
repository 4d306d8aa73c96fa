"""One call that a gateway, an application's trace and the provider log is one request."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from ingestion.workspace.settings import Workspace
from orchestration.summary.told_twice import told_twice
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, call, costs, line, log, write_company

COLUMNS: Final = (
    *("provider_request_id", "trace_id", "call_id", "attempt_no", "tokens_estimated"),
    *("gateway_key_id", "sub_account_hint"),
)
MAP: Final = "{user_id: who, " + ", ".join(f"{name}: {name}" for name in COLUMNS) + "}"
SETTINGS: Final = f"""\
company: Told twice
gateways:
  - {{name: proxy, format: generic, location: proxy, columns: {MAP}}}
  - {{name: traces, format: generic, location: traces, seen_from: application, columns: {MAP}}}
  - {{name: upstream, format: generic, location: upstream, seen_from: provider, columns: {MAP}}}
bills:
  - {{name: openai, format: openai, account: org-o, location: openai}}
"""
MODEL: Final = "gpt-4o-2024-08-06"
NOON: Final = datetime(2026, 10, 5, 12, tzinfo=UTC)
COUNTED: Final = "select count(*) from fct_requests"
TOLD: Final = """
    select
        source, sum(records_observed_elsewhere), sum(requests_likely_elsewhere),
        sum(likely_elsewhere_cost)
    from mart_data_quality_daily where kind = 'gateway' group by all order by all
"""
Make = Callable[[Mapping[str, Iterable[Mapping[str, Any]]]], OwnCompany]


@pytest.fixture
def make(compiled: Callable[[Workspace], CompiledProject], tmp_path: Path) -> Make:
    """Makes a company of the records of each source, by the name of its folder."""

    def made(records: Mapping[str, Iterable[Mapping[str, Any]]]) -> OwnCompany:
        files = {f"{source}/log.ndjson": log(each) for source, each in records.items()}
        page = {"openai/page.json": costs(line("2026-10-05", f"{MODEL}, input", "5.00", 2_000_000))}
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        return OwnCompany(compiled, write_company(folder, files | page, SETTINGS))

    return made


def told(seconds: float, tokens: int = 500, output: int = 7, **said: Any) -> dict[str, Any]:
    """A record of any of the three, `seconds` after noon; `who` called."""
    at = (NOON + timedelta(seconds=seconds)).isoformat()
    silent = dict.fromkeys((*COLUMNS, "who"))
    model = said.pop("model", MODEL)
    return call(at, model, tokens, output, **(silent | said))


def response(number: int) -> str:
    return f"chatcmpl-{number:04}"


def test_three_tellings_of_a_thousand_calls_are_a_thousand_calls(make: Make) -> None:
    proxy = [
        told(n, 1_000 + n % 7, provider_request_id=response(n), gateway_key_id="k1")
        for n in range(1_000)
    ]
    traces = [
        told(
            n - 0.1,
            1_000 + n % 7,
            model=f"openai/{MODEL}",
            provider_request_id=response(n),
            trace_id=f"run-{n // 10}",
            tags={"feature": f"f{n % 3}", "team": "ml"},
        )
        for n in range(1_000)
    ]
    upstream = [
        told(n + 0.2, 1_000 + n % 7, request_id=response(n), sub_account_hint="p")
        for n in range(1_000)
    ]
    alone = make({"proxy": proxy, "traces": [], "upstream": []})
    company = make({"proxy": proxy, "traces": traces, "upstream": upstream})
    assert company.query(
        "select source, observed_also_in, team, sub_account, count(*), count(distinct trace_id)"
        " from fct_requests group by all"
    ) == [("proxy", "traces;upstream", "ml", "p", 1_000, 100)]
    assert company.query("select feature, count(*) from fct_requests group by all order by 1") == [
        ("f0", 334),
        ("f1", 333),
        ("f2", 333),
    ]
    totals = "select sum(list_cost), sum(input_quantity), sum(output_quantity) from fct_requests"
    assert company.query(totals) == alone.query(totals)
    assert company.query(TOLD) == [
        ("proxy", 0, 0, 0),
        ("traces", 1_000, 0, 0),
        ("upstream", 1_000, 0, 0),
    ]


def test_without_ids_start_model_and_counts_tell(make: Make) -> None:
    company = make(
        {
            "proxy": [told(n * 10, who="ann") for n in range(5)],
            "traces": [
                # within two seconds, one of another count, one of another model, one later
                told(1.5),
                told(10, 501),
                told(20, model="gpt-4o-mini"),
                told(32.5),
            ],
            "upstream": [],
        }
    )
    assert company.value(COUNTED) == 8
    assert company.query(
        "select user_id, observed_also_in from fct_requests where observed_also_in is not null"
    ) == [("ann", "traces")]


@pytest.mark.parametrize(("teams", "requests", "likely"), [("aa", 2, 0), ("ab", 4, 2)])
def test_of_several_that_it_may_be_only_those_of_one_owner(
    make: Make, teams: str, requests: int, likely: int
) -> None:
    company = make(
        {
            "proxy": [told(n, tags={"team": team}) for n, team in enumerate(teams)],
            "traces": [told(0.1), told(0.9)],
            "upstream": [],
        }
    )
    assert company.value(COUNTED) == requests
    [_, (_, folded, apart, cost), *_] = company.query(TOLD)
    assert (folded, apart, cost > 0) == (2 - likely, likely, likely > 0)


@pytest.mark.parametrize(
    ("models", "unpriced", "cost", "said"),
    [
        ([MODEL, MODEL], 0, Decimal("0.00264"), "2 requests of 0.00 USD may be in another"),
        (
            [MODEL, "house-7b"],
            1,
            Decimal("0.00132"),
            "2 requests of 0.00 USD, of 1 of which no price is known, may be in another",
        ),
        (
            ["house-7b", "house-7b"],
            2,
            None,
            "2 requests, of which no price is known, may be in another",
        ),
    ],
)
def test_a_likely_call_without_a_price_is_counted_and_no_zero(
    make: Make, models: list[str], unpriced: int, cost: Decimal | None, said: str
) -> None:
    company = make(
        {
            "proxy": [
                told(n * 60 + beside, model=model, tags={"team": team})
                for n, model in enumerate(models)
                for beside, team in ((0, "a"), (1, "b"))
            ],
            "traces": [told(n * 60 + 0.5, model=model) for n, model in enumerate(models)],
            "upstream": [],
        }
    )
    [found] = company.query(
        "select requests_likely_elsewhere, requests_likely_elsewhere_unpriced,"
        " likely_elsewhere_cost from mart_data_quality_daily where source = 'traces'"
    )
    assert found == (2, unpriced, cost)
    assert said in told_twice(company.connection, "USD")


def test_prompts_that_start_at_once_pair_in_one_round(make: Make) -> None:
    company = make(
        {
            "proxy": [told(0, request_id=f"p-{n}") for n in range(300)],
            "traces": [told(0, request_id=f"t-{n}") for n in range(300)],
            "upstream": [],
        }
    )
    assert company.value(COUNTED) == 300
    pairs = company.query(
        "select standing_key, record_key from intermediate.int_calls_told_twice order by all"
    )
    uppers, lowers = zip(*pairs, strict=True)
    assert pairs == list(zip(uppers, sorted(lowers), strict=True))
    assert len(set(uppers)) == 300
    # each round looks at every pair that is left
    assert company.rows_of_rounds("int_calls_told_twice") <= 2 * 300 * 300


def test_two_responses_are_two_calls_whatever_else_is_equal(make: Make) -> None:
    company = make(
        {
            "proxy": [told(0, provider_request_id="chatcmpl-one")],
            "traces": [told(0, provider_request_id="chatcmpl-two")],
            "upstream": [],
        }
    )
    assert company.value(COUNTED) == 2


def test_two_responses_are_told_by_the_records_own_ids_too(make: Make) -> None:
    company = make(
        {
            "proxy": [told(0, request_id="chatcmpl-one")],
            "traces": [told(0, request_id="chatcmpl-two")],
            "upstream": [told(0, request_id="req-0001", provider_request_id="chatcmpl-two")],
        }
    )
    assert company.query("select source, observed_also_in from fct_requests order by 1") == [
        ("proxy", None),
        ("upstream", "traces"),
    ]


def test_an_answer_that_a_cache_repeats_for_another_owner_is_told_by_its_time(make: Make) -> None:
    company = make(
        {
            "proxy": [
                told(0, provider_request_id="chatcmpl-hit", tags={"team": "a"}),
                told(3600, provider_request_id="chatcmpl-hit", tags={"team": "b"}),
            ],
            "traces": [],
            "upstream": [told(0.2, request_id="chatcmpl-hit")],
        }
    )
    assert company.query("select team, observed_also_in from fct_requests order by 1") == [
        ("a", "upstream"),
        ("b", None),
    ]


def test_models_behind_a_route_are_not_one_for_their_region(make: Make) -> None:
    company = make(
        {
            "proxy": [
                told(0, model="bedrock/us-east-1/anthropic.claude-3-haiku"),
                told(60, model=f"openrouter/openai/{MODEL}"),
            ],
            "traces": [told(0, model="bedrock/us-east-1/amazon.nova-lite"), told(60)],
            "upstream": [],
        }
    )
    assert company.query(
        "select model_requested, observed_also_in from fct_requests order by 1"
    ) == [
        ("bedrock/us-east-1/amazon.nova-lite", None),
        ("bedrock/us-east-1/anthropic.claude-3-haiku", None),
        (f"openrouter/openai/{MODEL}", "traces"),
    ]


def test_attempts_of_one_call_pair_with_the_attempt_that_ended_alike(make: Make) -> None:
    failed = told(0, 0, 0, call_id="call-0001", status="error", attempt_no=1)
    company = make(
        {
            "proxy": [failed, told(1, call_id="call-0001", status="success", attempt_no=2)],
            "traces": [told(0, call_id="call-0001", status="success", who="bo")],
            "upstream": [],
        }
    )
    assert company.query("select status, user_id from fct_requests order by all") == [
        ("error", None),
        ("success", "bo"),
    ]


def test_what_the_provider_counted_goes_before_an_estimate(make: Make) -> None:
    company = make(
        {
            "proxy": [told(0, 480, 5, provider_request_id="chatcmpl-x1", tokens_estimated=True)],
            "traces": [],
            "upstream": [told(0, provider_request_id="chatcmpl-x1")],
        }
    )
    assert company.query(
        "select source, input_quantity, output_quantity, tokens_estimated from fct_requests"
    ) == [("proxy", 500, 7, False)]


def test_across_midnight_whichever_day_comes_first(make: Make) -> None:
    midnight = 12 * 60 * 60
    proxy = [told(midnight + 0.3), told(midnight - 0.2, 900)]
    traces = [told(midnight - 0.3, who="ann"), told(midnight + 0.1, 900, who="bo")]
    whole = make({"proxy": proxy, "traces": traces, "upstream": []})
    assert whole.query("select usage_date::varchar, user_id from fct_requests order by all") == [
        ("2026-10-05", "bo"),
        ("2026-10-06", "ann"),
    ]
    late = make({"proxy": proxy, "traces": [], "upstream": []})
    assert late.value(COUNTED) == 2
    (late.folder / "traces/late.ndjson").write_text(log(traces))
    late.build()
    rows = "select request_id, observed_also_in, user_id, list_cost from fct_requests order by all"
    assert late.query(rows) == whole.query(rows)


def test_an_id_tells_more_than_alike_content_across_a_midnight(make: Make) -> None:
    midnight = 12 * 60 * 60
    company = make(
        {
            "proxy": [
                told(midnight - 0.3, call_id="call-0009"),
                told(midnight + 30, call_id="call-0001"),
            ],
            "traces": [told(midnight + 0.2, call_id="call-0001", who="ann")],
            "upstream": [],
        }
    )
    assert company.query(
        "select usage_date::varchar, observed_also_in, user_id from fct_requests order by 1"
    ) == [("2026-10-05", None, None), ("2026-10-06", "traces", "ann")]


def test_each_field_is_of_who_knows_it_first_hand(make: Make) -> None:
    said = {"provider_request_id": "chatcmpl-x1"}
    company = make(
        {
            "proxy": [
                told(0, who="key", trace_id="made-up", sub_account_hint="proxy", **said),
                told(60, trace_id="kept", provider_request_id="chatcmpl-x2"),
            ],
            "traces": [told(0, who="ann", trace_id="run", sub_account_hint="app", **said)],
            "upstream": [
                told(0, sub_account_hint="p", **said),
                told(60, provider_request_id="chatcmpl-x2"),
            ],
        }
    )
    assert company.query(
        "select trace_id, user_id, sub_account from fct_requests order by started_at"
    ) == [("run", "key", "p"), ("kept", None, None)]


def test_money_is_that_of_one_telling(make: Make) -> None:
    proxy = [told(n, 100_000, 0, provider_request_id=response(n)) for n in range(10)]
    company = make({"proxy": proxy, "traces": proxy, "upstream": proxy})
    assert company.value(COUNTED) == 10
    # half of what the bill charges, not three halves
    assert company.query(
        "select residual_cause, sum(billed_cost) from fct_cost_allocations"
        " group by all order by 1 nulls first"
    ) == [(None, Decimal("2.5")), ("unlogged_usage", Decimal("2.5"))]
