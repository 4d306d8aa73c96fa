"""Which models `check` and a run say that nobody knows, or that nobody has a price for."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from orchestration.checks.prices import unpriced_models
from orchestration.checks.unpriced_models import UnpricedUse, unpriced_uses
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, log, write_company

SETTINGS: Final = """\
company: Acme
timezone: Europe/Berlin
gateways:
  - name: prod
    format: generic
    location: logs
    columns:
      deployment_id: deployment
      model_mapped: mapped
      cache_layer: cache_layer
      service_tier: service
      gateway_cost: cost_usd
"""
CAPACITY: Final = "pool,supply,monthly_cost,capacity,capacity_unit,owner,deployments\n"
# deployments of a pool -> those of gpu-1, gpu-[1] and Gpu-1 whose model needs a price
POOLS: Final = {
    "gpu-?": {"gpu-1", "gpu-[1]", "Gpu-1"},
    "gpu-[1]": {"gpu-1", "Gpu-1"},
    "gpu-*": {"Gpu-1"},
    "none; gpu-1 ;Gpu*": {"gpu-[1]"},
}


def used(provider: str | None, model: str, tokens: int, **columns: Any) -> dict[str, Any]:
    said = {} if provider is None else {"provider": provider}
    return call("2026-10-05T10:00:00Z", model, tokens, 1 if tokens else 0, **said, **columns)


def pooled(case: str, name: str) -> str:
    """Its cases are told apart by a letter before every name."""
    return "; ".join(f"{case}{glob.strip()}" for glob in name.split(";"))


def built(
    project: CompiledProject, folder: Path, rows: list[dict[str, Any]], **csvs: str
) -> Company:
    files = {f"reference/{name}.csv": text for name, text in csvs.items()}
    return Company(project, write_company(folder, {"logs/a.jsonl": log(rows), **files}, SETTINGS))


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    rows = [
        used("openai", "gpt-4o-2024-08-06", 10),
        used("openai", "gpt-4o-2024-08-06", 40, service="provisioned"),
        used("own", "llama-hr", 10),
        used("openai", "gpt-secret", 10),
        used("openai", " GPT-Secret", 20, cost_usd="0.5"),
        used("own", "llama-it", 100),
        used("own", "never-called", 0),
        used("own", "from-cache", 10, cache_layer="gateway_exact"),
        used(None, "of-nobody", 10),
        used("azure", "Prod-SWC", 60),
        used("azure", "deployed", 70, mapped="azure/gpt-4o"),
        used("azure", "house-1", 80),
    ]
    capacity = CAPACITY
    for case, pool in zip("abcd", POOLS, strict=True):
        names = [pooled(case, name) for name in ("gpu-1", "gpu-[1]", "Gpu-1")]
        rows += [used("own", name, 10, deployment=name) for name in names]
        capacity += f"{case},self_hosted,1,1,tokens,,{pooled(case, pool)}\n"
    return built(
        project,
        tmp_path_factory.mktemp("models"),
        rows,
        capacity=capacity,
        # prices of one meter are no price of the other
        prices="provider,model,meter,unit_price_per_million\nown,Llama-HR,input,1\nown,Llama-HR,output,1\n",
        models="provider,raw_model,model\nazure,prod-*,gpt-4o\nazure,HOUSE-*,house-llama\n",
    )


def test_names_are_told_with_their_tokens_and_what_the_gateway_claims(company: Company) -> None:
    found = [use for use in unpriced_uses(company.connection) if "gpu" not in use.raw_model.lower()]
    standard = "standard"
    assert found == [
        UnpricedUse("own", "llama-it", "llama-it", True, standard, 1, 101, None),
        UnpricedUse("azure", "house-1", "house-llama", False, standard, 1, 81, None),
        UnpricedUse("openai", "gpt-4o-2024-08-06", "gpt-4o", False, "provisioned", 1, 41, None),
        UnpricedUse("openai", "gpt-secret", "gpt-secret", True, standard, 2, 32, Decimal("0.5")),
        UnpricedUse("__unknown__", "of-nobody", "of-nobody", True, standard, 1, 11, None),
    ]


def test_a_run_tells_the_same_models(company: Company) -> None:
    told = unpriced_models(company.connection)
    assert told.startswith(
        "models with tokens and no price: llama-it of own (101 tokens); house-llama of azure"
        " (81 tokens); gpt-4o of openai, provisioned (41 tokens); gpt-secret of openai (32 tokens)"
    )


@pytest.mark.parametrize(("case", "pool"), [*zip("abcd", POOLS, strict=True)])
def test_models_of_a_pool_need_no_price_and_only_a_star_is_special(
    company: Company, case: str, pool: str
) -> None:
    found = [use for use in unpriced_uses(company.connection) if use.raw_model[0] == case]
    found = [use for use in found if "gpu" in use.raw_model]
    assert {use.model for use in found} == {f"{case}{name}".lower() for name in POOLS[pool]}
    assert sum(use.requests for use in found) == len(POOLS[pool])


def test_a_star_is_every_deployment(project: CompiledProject, tmp_path: Path) -> None:
    rows = [used("own", name, 10, deployment=name) for name in ("gpu-1", "gpu-[1]", "Gpu-1")]
    company = built(project, tmp_path, rows, capacity=f"{CAPACITY}h100,self_hosted,1,1,tokens,,*\n")
    assert unpriced_uses(company.connection) == []
