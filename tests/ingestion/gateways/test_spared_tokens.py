"""Answers of a gateway's own cache: nobody used their tokens; what they spared is kept apart."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

from ingestion.records import Row
from ingestion.vocabulary import TOKEN_METERS
from ingestion.workspace.sources import Gateway

FIXTURES: Final = Path(__file__).parent / "fixtures"
# format, its fixture, how the ids of its hits begin -> the tokens of the answers that are repeated
HITS: Final = {
    ("cloudflare", "cloudflare/logs.json", "026e"): {"input": 412, "output": 96},
    ("kong", "kong/entries.jsonl", "09af"): {"input": 412, "output": 96},
    ("kong", "kong/entries.jsonl", "10af"): {"input": 100, "output": 25},
    ("bifrost", "bifrost/logs.jsonl", "00000000-0000-4000-8000-000000000007"): {
        "input": 120,
        "output": 30,
    },
    ("portkey", "portkey/logs.jsonl", "b7000000-0000-4000-8000-000000000010"): {
        "input": 100,
        "output": 900,
    },
    ("azure_apim", "azure_apim/logs.jsonl", "chatcmpl-apim0006"): {"input": 120, "output": 30},
    # Helicone's own columns are 0 of a hit, and its body is not exported
    ("helicone", "helicone/requests.jsonl", "7a1c0000-0000-4000-8000-000000000008"): None,
}


def read(form: str, data: bytes) -> list[Row]:
    reader = import_module(f"ingestion.gateways.{form}.reader")
    rows: list[Row] = reader.read_object(data, "log", Gateway("g", form, "/logs", {})).rows[
        "requests"
    ]
    return rows


def spared(row: Row) -> Any:
    return json.loads(row["raw_usage"] or "{}").get("spared")


@pytest.mark.parametrize(("form", "fixture", "begins"), HITS, ids=lambda said: said[-12:])
def test_the_tokens_that_a_hit_repeats_are_no_meters_of_it(
    form: str, fixture: str, begins: str
) -> None:
    [hit] = {
        row["request_key"]: row
        for row in read(form, (FIXTURES / fixture).read_bytes())
        if row["request_id"].startswith(begins) and row["cache_layer"] not in (None, "none")
    }.values()
    assert spared(hit) == HITS[form, fixture, begins]
    assert [hit[f"{meter}_quantity"] for meter in TOKEN_METERS] == [0] * len(TOKEN_METERS)
    assert (hit["provider_total_tokens"], hit["tokens_estimated"]) == (0, False)


def test_helicones_hit_has_the_counts_of_the_body_where_that_is_exported() -> None:
    lines = (FIXTURES / "helicone/requests.jsonl").read_text().splitlines()
    [said, *_] = [
        each for line in lines if (each := json.loads(line))["request_id"].endswith("0008")
    ]
    usage = {"input_tokens": 9, "cache_read_input_tokens": 700, "output_tokens": 40}
    [hit] = read("helicone", json.dumps(said | {"response_body": {"usage": usage}}).encode())
    assert spared(hit) == {"input": 9, "cache_read": 700, "output": 40}
    assert hit["provider_total_tokens"] == 0


@pytest.mark.parametrize("counts", [{"tokens_in": -5}, {"tokens_in": None}, {"tokens_in": 1.5}])
def test_odd_counts_refuse_no_hit(counts: dict[str, Any]) -> None:
    page = json.loads((FIXTURES / "cloudflare/logs.json").read_bytes())
    [hit] = [log for log in page["result"] if log.get("cached")]
    [row] = read("cloudflare", json.dumps(hit | counts | {"tokens_out": None}).encode())
    assert (row["cache_layer"], row["provider_total_tokens"], spared(row)) == (
        *("gateway_exact", 0, None),
    )
