"""Raw names of logs and bills, and the models that they are."""

import csv
from pathlib import Path

import pytest

from ingestion.prices.model_names import SeenModel, model_names
from ingestion.prices.model_spellings import loose_spellings, spellings

# `by`: genai-prices, or nobody: then `model` is the name as it was cleaned
NAMES = list(csv.DictReader((Path(__file__).parent / "raw_names.csv").open(newline="")))


def test_there_are_enough_names_of_every_cloud() -> None:
    assert len(NAMES) >= 60
    clouds = [name["provider"] for name in NAMES]
    assert min(map(clouds.count, ("openai", "anthropic", "azure", "aws", "google"))) >= 8


@pytest.mark.parametrize("name", NAMES, ids=lambda name: f"{name['provider']} {name['raw']}")
def test_a_raw_name_is_the_model_that_it_is(name: dict[str, str]) -> None:
    """Trap 17: one model has a name in each log and bill."""
    [found] = model_names([SeenModel(name["provider"], name["raw"])]).to_pylist()
    known_by = "nobody" if found["source"] == "as_logged" else found["source"].split()[0]
    assert (found["model"], known_by) == (name["model"], name["by"])


def test_a_price_map_is_asked_for_the_whole_name_before_suffixes_go() -> None:
    mapped = {("openai", "gpt-4o-2099-01-01"): ("gpt-4o-2099", "litellm 2026-10-01")}
    seen = [SeenModel("openai", "gpt-4o-2099-01-01"), SeenModel("openai", "gpt-4o-2098-01-01")]
    assert [row["model"] for row in model_names(seen, mapped).to_pylist()] == [
        "gpt-4o",
        "gpt-4o-2099",
    ]


def test_spellings_lose_one_part_at_a_time() -> None:
    assert list(spellings(" Azure/EU/GPT-4o ")) == ["azure/eu/gpt-4o", "eu/gpt-4o", "gpt-4o"]
    assert list(spellings("acme/eu/gpt-4o")) == ["acme/eu/gpt-4o"]
    assert "gpt-4o" in loose_spellings("openrouter/openai/gpt-4o-2099-01-01:nitro")
