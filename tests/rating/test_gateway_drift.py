"""Why a gateway's claim is not the list price: real objects by hand, injected faults at random."""

import csv
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random

import pytest
from claimed_requests import Drift, drifts
from gateway_faults import PRICES_CSV, Claim, claim, random_claims
from rated_requests import instant, rate, request

from tests.ingestion.gateways import litellm_logs
from tests.pipeline.compiled_project import CompiledProject

GOLDEN = Path(__file__).with_name("golden_litellm.csv")
LITELLM = list(csv.DictReader(GOLDEN.open(newline="")))
# the reasons that were found by hand, and the cause that must be found for them
CAUSES = {
    "Anthropic lists no price of its priority tier": "unpriced",
    "no price of audio is listed; the gateway took that of text": "unpriced",
    "no price of image tokens is listed; the gateway took that of output": "unpriced",
    "a price in LiteLLM's own configuration": "unpriced",
    "LiteLLM leaves out the search, $0.01": "tools_not_charged",
}
# 4,200 tokens written for five minutes and 1,000 for an hour, 42 fresh: Anthropic's
WRITTEN = {"input": 42, "cache_write_5m": 4200, "cache_write_1h": 1000, "output": 210}
SONNET = ("anthropic", "claude-sonnet-4-5-20250929")


@pytest.fixture(scope="module")
def logged(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Drift]:
    """Real objects by the time in their key."""
    rows = litellm_logs.rows_by_time()
    found = drifts(project, tmp_path_factory.mktemp("litellm"), rows.values())
    return {at: found[row["request_key"]] for at, row in rows.items()}


@pytest.mark.parametrize("line", LITELLM, ids=lambda line: line["scenario"])
def test_real_object_differs_for_the_reason_found_by_hand(
    line: dict[str, str], logged: dict[str, Drift]
) -> None:
    found = logged[line["at"]]
    expected = Decimal(line["gateway_cost"] or 0) - Decimal(line["list_cost"] or 0)
    assert found.drift == expected == sum(found.causes.values())
    assert list(found.causes) == [CAUSES[why] for why in [line["why_they_differ"]] if why]


# as LiteLLM 1.77.7 said it of the same requests, and 1.106.2 said it right
OLDER = {
    "0.019026": {"one_hour_price_missing": "-0.006"},
    "0.022776": {"one_hour_price_missing": "-0.00225"},
    "0.025026": {},
}


def test_what_an_older_litellm_said_is_explained(project: CompiledProject, tmp_path: Path) -> None:
    at = instant("2026-11-21")
    rows = [request(said, *SONNET, at, gateway_cost=Decimal(said), **WRITTEN) for said in OLDER]
    assert {key: found.causes for key, found in drifts(project, tmp_path, rows).items()} == {
        said: {cause: Decimal(value) for cause, value in causes.items()}
        for said, causes in OLDER.items()
    }


def test_openai_tiers_searches_and_hits_of_an_older_litellm(
    project: CompiledProject, tmp_path: Path
) -> None:
    at, mini = instant("2026-11-21"), ("openai", "o4-mini")
    rows = [
        request("flex", *mini, at, service_tier="flex", input=412, output=96,
                gateway_cost=Decimal("0.0008756")),
        request("searched", *SONNET, at, input=5000, output=550, web_searches=3,
                gateway_cost=Decimal("0.02325")),
        request("hit", "openai", "gpt-4o-mini", at, cache_layer="gateway_exact",
                gateway_cost=Decimal("0.0001194")),
        request("estimate", "openai", "gpt-4o", at, input=21, output=5, tokens_estimated=True,
                gateway_cost=Decimal("0.00199")),
        request("read back", "openai", "gpt-4o", at, operation="management", input=0, output=0,
                gateway_cost=Decimal("0.00199")),
        request("silent", "openai", "gpt-4o", at, gateway_cost=Decimal("0.00199")),
    ]  # fmt: skip
    assert {key: found.causes for key, found in drifts(project, tmp_path, rows).items()} == {
        "flex": {"service_tier": Decimal("0.0004378")},
        "searched": {"tools_not_charged": Decimal("-0.03")},
        "hit": {"response_cache_hit": Decimal("0.0001194")},
        "estimate": {"estimated_tokens": Decimal("0.0018875")},
        "read back": {"no_usage": Decimal("0.00199")},
        "silent": {"unpriced": Decimal("0.00199")},
    }


def test_scenario_1_1_cached_tokens_that_the_gateway_took_for_fresh_ones(
    project: CompiledProject, tmp_path: Path
) -> None:
    """BerriAI/litellm#34801: 73,550 in and 20,480 out, 65,304 cached on the bill and 49,563 in the
    log: 15,741 tokens, of them 13,496 fresh and 2,245 written, are +$0.073641."""
    model, at = ("openai", "gpt-5.6-sol"), instant("2026-07-27")
    billed = {"input": 73_550 - 65_304, "cache_read": 65_304, "output": 20_480}
    claimed = {
        "input": billed["input"] + 13_496,
        "cache_read": 49_563,
        "cache_write_5m": 2_245,
        "output": 20_480,
    }
    assert 65_304 - 49_563 == 13_496 + 2_245 == 15_741
    assert sum(billed.values()) == sum(claimed.values())
    as_logged = rate(project, tmp_path, [request("log", *model, at, **claimed)])["log"].list_cost
    row = request("call", *model, at, gateway_cost=as_logged, **billed)
    found = drifts(project, tmp_path, [row])["call"]
    assert round(found.drift, 6) == Decimal("0.073641") == round(sum(found.causes.values()), 6)


@pytest.fixture(
    scope="module",
    params=[20261121, *(pytest.param(seed, marks=pytest.mark.whole) for seed in (7, 99))],
)
def claims(request: pytest.FixtureRequest) -> list[Claim]:
    return list(random_claims(Random(request.param), 300))


def test_injected_faults_are_found_and_their_causes_sum(
    project: CompiledProject, tmp_path: Path, claims: list[Claim]
) -> None:
    found = drifts(project, tmp_path, (each.landed for each in claims), {"prices": PRICES_CSV})
    for each in claims:
        drift = found[each.key]
        assert drift.list_cost == each.right, each
        assert drift.gateway_cost == each.right + sum(each.faults.values()), each
        assert drift.causes == each.faults, each
    kinds = Counter(cause for each in claims for cause in each.faults)
    assert len(kinds) == 8 and min(kinds.values()) >= 5, kinds


def test_any_claim_is_explained_to_the_pico_dollar(
    project: CompiledProject, tmp_path: Path, claims: list[Claim]
) -> None:
    """Claims that no fault makes, as a gateway's margin or price of its own: none is invented."""
    chance = Random(3)
    rows = [
        each.landed
        | {"gateway_cost": (each.right * factor).quantize(Decimal("1e-12"), ROUND_HALF_UP)}
        for each in claims
        for factor in [Decimal(chance.randrange(1, 2_000_000)).scaleb(-6)]
    ]
    found = drifts(project, tmp_path, rows, {"prices": PRICES_CSV})
    causes: Counter[str] = Counter()
    for drift in found.values():
        assert sum(drift.causes.values()) == drift.drift
        causes.update(drift.causes.keys())
    assert causes["other"] == len(rows), causes
    assert causes.total() <= 1.05 * len(rows), (
        causes
    )  # where one fault happens to leave a hundredth


def test_a_claim_without_a_fault_or_with_a_float_of_it(
    project: CompiledProject, tmp_path: Path
) -> None:
    right = claim("right", {"input": 1234, "output": 77}, "standard", [])
    claimed = {
        "noise": right.right + Decimal("2e-12"),
        "micro": right.right.quantize(Decimal("1e-6"), ROUND_HALF_UP),
        "free": Decimal(0),
        "silent": None,
    }
    rows = [right.landed | {"request_key": key, "content_hash": key, "gateway_cost": cost}
            for key, cost in claimed.items()]  # fmt: skip
    found = drifts(project, tmp_path, rows, {"prices": PRICES_CSV})
    assert {key: list(drift.causes) for key, drift in found.items()} == {
        "noise": ["rounding"],
        "micro": ["rounding"],
        "free": ["gateway_unpriced"],
        "silent": ["gateway_unpriced"],
    }
    assert found["silent"].drift == -right.right
