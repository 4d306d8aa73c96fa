"""Whatever stands wherever in a record, it is a row that fits the contract or one reject."""

import json
import random
from typing import Any

import pytest
from litellm_logs import named, objects, read, row, spendlogs

from ingestion.landing.tables.arrow import to_arrow

ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 2**63, 10**400, 1e308, "", "abc", "1.5", "\ud800", "\x00"),
    *("2026-13-01", "long" * 300, [], [1], [None], {}, {"a": [{}]}, {"": ""}, {"content": "x"}),
)


def places(part: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) inside."""
    keys = part.keys() if isinstance(part, dict) else range(len(part))
    inner = [part[key] for key in keys if isinstance(part[key], dict | list)]
    return [(part, key) for key in keys] + [place for one in inner for place in places(one)]


@pytest.mark.parametrize("seed", range(4))
def test_any_value_anywhere(seed: int) -> None:
    rng = random.Random(seed)
    logged = [*objects().values(), *spendlogs()]
    landed = []
    for record in logged:
        if isinstance(record["metadata"], str):
            record["metadata"] = json.loads(record["metadata"])
        for _ in range(rng.choice((1, 1, 2))):
            container, key = rng.choice(places(record))
            container[key] = json.loads(json.dumps(rng.choice(ODD)))
        parsed = read(json.dumps(record).encode())
        assert len(parsed.rows["requests"]) + len(parsed.rejects) == parsed.records == 1
        landed += parsed.rows["requests"]
    lineage = {"source": "litellm_prod", "batch": 1, "object_no": 0}
    _, misfits = to_arrow("requests", [one | lineage for one in landed])
    assert misfits == []
    assert len(landed) > 60


@pytest.mark.parametrize(
    "section", ["cost_breakdown", "error_information", "hidden_params", "model_parameters"]
)
def test_a_dispensable_part_of_another_shape_is_left_out(section: str) -> None:
    found = row(named("05-37-27-097255") | {section: "redacted"})
    assert found["input_quantity"] == 412


def test_a_strange_first_token_time_is_none() -> None:
    assert row(named("05-37-31-131859") | {"completionStartTime": 0})["ttft_ms"] is None
