"""Requests whose cost was computed by hand from published prices, to the pico-dollar."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from rated_requests import Rated, Row, instant, rate, request

from tests.ingestion.gateways import litellm_logs
from tests.pipeline.compiled_project import CompiledProject

HERE = Path(__file__).parent
PER_MILLION = Decimal(10) ** -6
PICO = Decimal(10) ** -12
# `quantities` and `unit_prices` (dollars per million) say meter=number; `also` column=value.
VECTORS = list(csv.DictReader((HERE / "golden_vectors.csv").open(newline="")))
# every real object: what it costs by list, and what LiteLLM said it cost
LITELLM = list(csv.DictReader((HERE / "golden_litellm.csv").open(newline="")))
VALUES = {"yes": True}


@pytest.fixture(scope="module")
def vectors(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rated]:
    prices = {"prices": (HERE / "golden_prices.csv").read_text()}
    return rate(project, tmp_path_factory.mktemp("vectors"), map(landed, VECTORS), prices)


@pytest.fixture(scope="module")
def logged(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rated]:
    """Real objects by the time in their key."""
    rows = litellm_logs.rows_by_time()
    rated = rate(project, tmp_path_factory.mktemp("litellm"), rows.values())
    return {at: rated[row["request_key"]] for at, row in rows.items()}


def said(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split())


def landed(vector: dict[str, str]) -> Row:
    also = {
        name: VALUES.get(value, int(value) if value.isdecimal() else value)
        for name, value in said(vector["also"]).items()
    }
    quantities = {meter: int(number) for meter, number in said(vector["quantities"]).items()}
    return request(
        vector["vector"],
        vector["provider"] or None,
        vector["model"],
        instant(vector["started_at"]),
        service_tier=vector["service_tier"],
        **also,
        **quantities,
    )


def assert_costs(found: Rated, expected: dict[str, str]) -> None:
    """The cost, its status, and the published price of every meter."""
    cost = Decimal(expected["list_cost"]) if expected["list_cost"] else None
    assert (found.list_cost, found.price_status) == (cost, expected["price_status"])
    assert found.contracted_cost == found.list_cost
    if cost is None:
        return
    unit_prices = said(expected["unit_prices"])
    assert found.meters.keys() == unit_prices.keys()
    for meter, metered in found.meters.items():
        exact = metered.quantity * Decimal(unit_prices[meter]) * PER_MILLION
        assert metered.list_cost == exact.quantize(PICO, "ROUND_HALF_UP"), meter
    assert sum(metered.list_cost or 0 for metered in found.meters.values()) == cost


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len({vector["vector"] for vector in VECTORS}) == len(VECTORS) >= 60
    assert len({line["at"] for line in LITELLM}) == len(LITELLM) == 67


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["vector"])
def test_vector_costs_what_was_computed_by_hand(
    vector: dict[str, str], vectors: dict[str, Rated]
) -> None:
    assert_costs(vectors[vector["vector"]], vector)


@pytest.mark.parametrize("line", LITELLM, ids=lambda line: line["scenario"])
def test_real_object_costs_what_was_computed_by_hand(
    line: dict[str, str], logged: dict[str, Rated]
) -> None:
    found = logged[line["at"]]
    assert_costs(found, line)
    assert found.gateway_cost == (Decimal(line["gateway_cost"]) if line["gateway_cost"] else None)
    assert (found.gateway_cost != found.list_cost) == bool(line["why_they_differ"])


def test_a_batch_that_is_polled_five_times_costs_once(
    project: CompiledProject, tmp_path: Path
) -> None:
    """Trap 3: asking for a batch is no use of it. BerriAI/litellm#12084: spend was added on every
    retrieve.
    """
    [vector] = [vector for vector in VECTORS if vector["vector"] == "batch costs exactly half"]
    rated = rate(project, tmp_path, [landed(vector)] * 5)
    assert [found.list_cost for found in rated.values()] == [Decimal("0.00995")]


def test_a_cached_prompt_is_not_billed_twice(vectors: dict[str, Rated]) -> None:
    """Osmantic/ODS#2519: overlapping counts made $3.625 of $1.375, 2.64 times as much."""
    right = vectors["1 M prompt, 90 % cached"].list_cost
    assert right is not None
    assert right + Decimal("0.9") * Decimal("2.5") == Decimal("3.625")


def test_the_drift_of_a_gateway_is_the_one_that_was_reported(vectors: dict[str, Rated]) -> None:
    """BerriAI/litellm#34801: 40 requests were $0.073641 dearer in the log than on the bill."""
    billed = vectors["tokens the gateway took for fresh input"].list_cost
    claimed = vectors["gateway: the same, 13,496 fresh and 2,245 written"].list_cost
    assert billed is not None and claimed is not None
    assert round(claimed - billed, 6) == Decimal("0.073641")
