"""One usage in the spellings of several sources, read and rated: one cost, computed by hand."""

import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from rated_requests import Rated, Row, rate

from ingestion.gateways.generic import reader as generic
from ingestion.vocabulary import TOKEN_METERS
from ingestion.workspace.sources import Gateway
from tests.pipeline.compiled_project import CompiledProject

HERE = Path(__file__).parent
PER_MILLION = Decimal(10) ** -6
# `options`, `counts` (as the log has them) and `unit_prices` (dollars per million): name=value
SPELLINGS = list(csv.DictReader((HERE / "golden_spellings.csv").open(newline="")))
COLUMNS = {
    **{f"{meter}_quantity": meter for meter in TOKEN_METERS},
    "cache_write_tokens": "writes",
    "reasoning_tokens": "reasoning",
    "total_tokens": "total",
}


def said(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split())


def read(key: str, spelling: dict[str, str]) -> Row:
    """The row that the generic reader makes of the usage."""
    record = {
        "timestamp": spelling["started_at"],
        "model_name": spelling["model"],
        "request_id": key,
        **said(spelling["counts"]),
    }
    options = {"columns": COLUMNS, **said(spelling["options"])}
    gateway = Gateway("log", "generic", "/logs", options)
    parsed = generic.read_object(json.dumps(record).encode(), "log.jsonl", gateway)
    assert parsed.rejects == []
    (row,) = parsed.rows["requests"]
    return row


@pytest.fixture(scope="module")
def rated(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> list[Rated]:
    rows = [read(str(number), spelling) for number, spelling in enumerate(SPELLINGS)]
    found = rate(project, tmp_path_factory.mktemp("spellings"), rows)
    return [found[row["request_key"]] for row in rows]


@pytest.mark.parametrize("number", range(len(SPELLINGS)), ids=lambda n: SPELLINGS[n]["source"])
def test_spelling_costs_what_was_computed_by_hand(number: int, rated: list[Rated]) -> None:
    found, spelling = rated[number], SPELLINGS[number]
    assert (found.list_cost, found.price_status) == (Decimal(spelling["list_cost"]), "priced")
    prices = said(spelling["unit_prices"])
    assert {meter: metered.list_cost for meter, metered in found.meters.items()} == {
        meter: found.meters[meter].quantity * Decimal(price) * PER_MILLION
        for meter, price in prices.items()
    }


def test_spellings_of_one_usage_have_the_same_meters(rated: list[Rated]) -> None:
    usages = defaultdict(list)
    for spelling, found in zip(SPELLINGS, rated, strict=True):
        quantities = {meter: metered.quantity for meter, metered in found.meters.items()}
        usages[spelling["usage"]].append(quantities)
    assert all(quantities == same[0] for same in usages.values() for quantities in same)
    assert sum(len(same) > 1 for same in usages.values()) == 4
