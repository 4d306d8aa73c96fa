"""Deployments, profiles and aliases through the real rating: which model they are, since when."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from rated_requests import Rated, Row, rate, request

from tests.pipeline.compiled_project import CompiledProject

DAY = datetime(2026, 10, 20, tzinfo=UTC)  # day D of every change
PROFILE = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123"
MODELS = "provider,raw_model,model,valid_from,valid_to\n"
TOKENS = {"input": 1_000_000}


def five_days(provider: str, model: str) -> list[Row]:
    """Requests of D-3 to D+1 at midnight and just before the next one."""
    last = timedelta(days=1) - timedelta(microseconds=1)
    return [
        request(f"{day:+d} {name}", provider, model, DAY + timedelta(days=day) + moment, **TOKENS)
        for day in range(-3, 2)
        for name, moment in (("first", timedelta()), ("last", last))
    ]


def unchanged(before: dict[str, Rated], after: dict[str, Rated]) -> set[str]:
    """Requests of which nothing differs: no digit, no price's id, no hash of the day."""
    return {key for key, found in after.items() if found == before[key]}


def test_a_deployment_is_priced_as_what_the_gateways_price_map_calls_it(
    project: CompiledProject, tmp_path: Path
) -> None:
    """my-gpt4o with base_model azure/gpt-4o, under an alias that is another model's name."""
    names = {"model_routed": "azure/my-gpt4o", "model_mapped": "azure/gpt-4o"}
    rows = [
        request("mapped", "azure", "gpt-4o-mini", DAY, **TOKENS, **names),
        request("served", "azure", "x", DAY, **TOKENS, **names, model_served="gpt-4.1-2025-04-14"),
        request("unsaid", "azure", "my-gpt4o", DAY, **TOKENS),
    ]
    rated = rate(project, tmp_path, rows)
    assert {key: (found.model, found.list_cost) for key, found in rated.items()} == {
        "mapped": ("gpt-4o", Decimal("2.5")),
        "served": ("gpt-4.1", Decimal(2)),
        "unsaid": ("my-gpt4o", None),
    }


def test_an_application_inference_profile_is_the_model_that_models_csv_says(
    project: CompiledProject, tmp_path: Path
) -> None:
    """Scenario 1.2: an application inference profile's ARN resolves to a price."""
    rows = [
        request("profile", "aws", "hr", DAY, **TOKENS, model_routed=f"bedrock/converse/{PROFILE}"),
        request("other", "aws", "hr", DAY, **TOKENS, model_routed=f"bedrock/{PROFILE}4"),
    ]
    claude = "us.anthropic.claude-3-5-sonnet-20241022-v2:0"
    models = f"{MODELS}aws,*{PROFILE},{claude},,\n"
    rated = rate(project, tmp_path, rows, {"models": models})
    assert rated["profile"].list_cost == 3
    assert rated["profile"].model.endswith("anthropic.claude-3-5-sonnet-20241022-v2:0")
    assert (rated["other"].model, rated["other"].list_cost) == (f"{PROFILE}4", None)


def test_a_line_from_day_d_leaves_earlier_days_as_they_were(
    project: CompiledProject, tmp_path: Path
) -> None:
    rows = five_days("azure", "azure/Prod-SWC")
    before = rate(project, tmp_path / "before", rows)
    assert {found.price_status for found in before.values()} == {"unpriced"}
    models = f"{MODELS}azure,azure/prod-*,gpt-4o,2026-10-20,2026-10-21\n"
    after = rate(project, tmp_path / "after", rows, {"models": models})
    assert unchanged(before, after) >= {key for key in before if key.startswith("-")}
    assert {key: found.list_cost for key, found in after.items()} == {
        key: Decimal("2.5") if key.startswith("+0") else None for key in before
    }


def test_a_line_of_another_name_or_provider_touches_no_day(
    project: CompiledProject, tmp_path: Path
) -> None:
    rows = five_days("azure", "gpt-4o")
    before = rate(project, tmp_path / "before", rows)
    models = f"{MODELS}azure,gpt-4,gpt-4.1,,\nopenai,gpt-4o,gpt-4.1,,\n"
    after = rate(project, tmp_path / "after", rows, {"models": models})
    assert unchanged(before, after) == before.keys()


def test_a_new_name_touches_no_day_before_it_was_seen(
    project: CompiledProject, tmp_path: Path
) -> None:
    rows = five_days("openai", "gpt-4o")
    before = rate(project, tmp_path / "before", rows)
    more = [*rows, request("new", "openai", "gpt-4.1", DAY, **TOKENS)]
    after = rate(project, tmp_path / "after", more)
    assert after.pop("new").model == "gpt-4.1"
    assert unchanged(before, after) == {key for key in before if key.startswith("-")}


def test_a_deployment_that_deployments_csv_puts_at_another_provider_is_named_there(
    project: CompiledProject, tmp_path: Path
) -> None:
    row = request("one", "openai", "gpt-35-turbo-0125", DAY, **TOKENS, deployment_id="d1")
    deployments = "gateway,deployment_id,provider\nlog,d*,azure\n"
    rated = rate(project, tmp_path, [row], {"deployments": deployments})
    assert (rated["one"].model, rated["one"].list_cost) == ("gpt-3.5-turbo", Decimal("0.5"))
