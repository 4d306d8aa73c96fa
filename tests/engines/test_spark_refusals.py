"""What Spark's models cannot do is refused in one sentence, before a session is opened."""

from typing import Any

import pytest

from orchestration.dbt.spark.request_stage import refused


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"has_contexts": True, "request_sources": 1}, "traces"),
        # a log of LiteLLM, an export of Langfuse and spans of the same calls
        ({"has_contexts": True, "request_sources": 3}, "traces"),
        ({"has_contexts": False, "request_sources": 2}, "2 sources"),
    ],
)
def test_what_it_cannot_do_is_named_with_what_to_do(written: dict[str, Any], words: str) -> None:
    sentence = refused(written) or ""
    assert words in sentence
    assert "take `spark` out of tollbook.yaml" in sentence


@pytest.mark.parametrize("written", [{}, {"has_contexts": False, "request_sources": 1}])
def test_one_log_of_requests_is_taken(written: dict[str, Any]) -> None:
    assert refused(written) is None
