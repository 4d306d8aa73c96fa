"""However a log spells a usage, the same disjoint meters land; a wrong total never does."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from generic_logs import NAMES, SAMPLE, one, read
from hypothesis import assume, given
from hypothesis import strategies as st

from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Row
from ingestion.vocabulary import TOKEN_METERS
from ingestion.workspace.formats import GATEWAYS, gateway_reader
from ingestion.workspace.sources import Gateway

LINE = dict(zip(NAMES, SAMPLE.split(","), strict=True))
# contract field -> a column of its own
COLUMNS = {
    **{f"{meter}_quantity": meter for meter in TOKEN_METERS},
    "cache_write_tokens": "writes",
    "reasoning_tokens": "reasoning",
    "total_tokens": "total",
}
OPTIONS = {
    "tokens_inclusive_of_cache": "input_includes_cache",
    "tokens_inclusive_of_reasoning": "output_includes_reasoning",
    "total_inclusive_of_cache": "total_includes_cache",
    "total_inclusive_of_reasoning": "total_includes_reasoning",
}
MEDIA = "tokens_inclusive_of_audio_and_images"
COUNT = st.integers(0, 10**9)


def spelled(options: dict[str, bool], **counts: int) -> dict[str, Any]:
    """A record and the options it is read with."""
    return {
        "data": json.dumps({**LINE, **counts}),
        "columns": COLUMNS,
        **{name: str(value).lower() for name, value in options.items()},
    }


def meters(row: Row) -> dict[str, int]:
    return {meter: row[f"{meter}_quantity"] for meter in TOKEN_METERS if row[f"{meter}_quantity"]}


@dataclass(frozen=True)
class Truth:
    """Disjoint meters, how much of the output is reasoning, whether writes are split by time."""

    tokens: dict[str, int]
    reasoning: int
    is_split: bool
    has_total: bool

    def counts(self, options: dict[str, bool]) -> dict[str, int]:
        """The same usage as a log of these options writes it."""
        tokens = self.tokens
        cache = tokens["cache_read"] + tokens["cache_write_5m"] + tokens["cache_write_1h"]
        media = {
            side: (tokens[f"audio_{side}"] + tokens[f"image_{side}"]) * options[MEDIA]
            for side in ("input", "output")
        }
        reasoning_beside = self.reasoning * (not options["tokens_inclusive_of_reasoning"])
        found = tokens | {
            "input": tokens["input"]
            + cache * options["tokens_inclusive_of_cache"]
            + media["input"],
            "output": tokens["output"] + media["output"] - reasoning_beside,
            "reasoning": self.reasoning,
        }
        if not self.is_split:
            found["writes"] = found.pop("cache_write_5m") + found.pop("cache_write_1h")
        if self.has_total:
            left_out = cache * (not options["total_inclusive_of_cache"])
            left_out += self.reasoning * (not options["total_inclusive_of_reasoning"])
            found["total"] = sum(tokens.values()) - left_out
        return found


@st.composite
def truths(draw: st.DrawFn) -> Truth:
    tokens = {meter: draw(COUNT) for meter in TOKEN_METERS}
    is_split = draw(st.booleans())
    if not is_split:
        tokens["cache_write_1h"] = 0  # nobody can tell them apart
    reasoning = draw(st.integers(0, tokens["output"]))
    return Truth(tokens, reasoning, is_split, draw(st.booleans()))


SEMANTICS = st.fixed_dictionaries(dict.fromkeys((*OPTIONS, MEDIA), st.booleans()))


@given(truths(), SEMANTICS)
def test_any_spelling_reads_back_as_the_truth(truth: Truth, options: dict[str, bool]) -> None:
    """Trap 12: input contains cached tokens at one provider and not at the other."""
    row = one(**spelled(options, **truth.counts(options)))
    assert {meter: row[f"{meter}_quantity"] for meter in TOKEN_METERS} == truth.tokens
    assert row["provider_total_tokens"] == sum(truth.tokens.values())
    assert row["reasoning_tokens"] == truth.reasoning
    assert row["cache_ttl_assumed"] == (not truth.is_split and truth.tokens["cache_write_5m"] > 0)


def sums_of_parts(counts: dict[str, int]) -> set[int]:
    writes = ("cache_write_5m", "cache_write_1h", "writes")
    parts = [tokens for name, tokens in counts.items() if name not in ("input", "output", *writes)]
    sums = {0}
    for part in (*parts, sum(counts.get(name, 0) for name in writes)):
        sums |= {part + made for made in sums}
    return sums


@given(truths(), SEMANTICS, st.integers(-(10**9), 10**9))
def test_a_total_of_other_tokens_is_quarantined(
    truth: Truth, options: dict[str, bool], more: int
) -> None:
    options = options | {"total_inclusive_of_cache": True, "total_inclusive_of_reasoning": True}
    total = sum(truth.tokens.values())
    wrong = total + more
    assume(more and wrong > 0)  # a total of 0 says nothing
    counts = truth.counts(options)
    # nor one that parts beside input and output make: it proves that they stand there
    assume(wrong - counts["input"] - counts["output"] not in sums_of_parts(counts))
    parsed = read(**spelled(options, **(counts | {"total": wrong})))
    assert parsed.rows["requests"] == []
    (reject,) = parsed.rejects
    assert reject.field == "total"
    assert f"({wrong}, they make {total})" in reject.reason


@pytest.mark.parametrize(
    ("options", "counts"),
    [
        ({}, {"input": 130_213, "cache_read": 128_955, "cache_write_5m": 1_253}),
        ({"tokens_inclusive_of_cache": False}, {"input": 5, "cache_write_5m": 1_253}),
        (
            {"tokens_inclusive_of_cache": False, "total_inclusive_of_cache": False},
            {"input": 5, "writes": 1_253, "total": 5},
        ),
    ],
)
def test_opentelemetry_counts_cache_within_input_and_langfuse_beside_it(
    options: dict[str, bool], counts: dict[str, int]
) -> None:
    """langfuse/langfuse#12306: 130,213 = 5 + 128,955 + 1,253, not 260,421."""
    row = one(**spelled(options, **({"cache_read": 128_955, "output": 0} | counts)))
    assert meters(row) == {"input": 5, "cache_read": 128_955, "cache_write_5m": 1_253}
    assert row["provider_total_tokens"] == 130_213


def test_a_total_that_counts_another_token_names_both_numbers() -> None:
    counts = {"input": 130_213, "cache_read": 128_955, "output": 0, "total": 130_212}
    (reject,) = read(**spelled({}, **counts)).rejects
    assert (reject.field, "(130212, they make 130213)" in reject.reason) == ("total", True)


@pytest.mark.parametrize(("inside", "output"), [(True, 482), (False, 34)])
def test_reasoning_is_output_whether_logged_within_or_beside(inside: bool, output: int) -> None:
    """Trap 13: thinking is output, wherever it is counted. BerriAI/litellm#18599: of 482 completion
    tokens 448 are reasoning, 34 text.
    """
    options = {"tokens_inclusive_of_reasoning": inside}
    row = one(**spelled(options, input=1000, output=output, reasoning=448))
    assert meters(row) == {"input": 1000, "output": 482}
    assert (row["reasoning_tokens"], row["provider_total_tokens"]) == (448, 1482)


def test_more_reasoning_than_output_is_beside_it_and_says_so() -> None:
    (reject,) = read(**spelled({}, input=1000, output=34, reasoning=448)).rejects
    assert reject.field == "output"
    assert "(34, they make 448)" in reject.reason


def test_images_searches_and_sessions_are_no_tokens() -> None:
    columns = {f"{unit}_quantity": unit for unit in ("images", "web_searches", "code_sessions")}
    record = json.dumps({**LINE, "images": 2, "web_searches": 3, "code_sessions": 1})
    row = one(record, columns=columns)
    assert [row[field] for field in columns] == [2, 3, 1]
    assert row["provider_total_tokens"] == 412 + 96


def test_estimated_counts_keep_their_flag() -> None:
    record = json.dumps({**LINE, "guessed": "yes"})
    row = one(record, columns={"tokens_estimated": "guessed"})
    assert (row["tokens_estimated"], row["input_quantity"]) == (True, 412)


@pytest.mark.parametrize("log_format", GATEWAYS)
def test_every_reader_declares_what_its_counts_contain(log_format: str) -> None:
    declared = gateway_reader(log_format).usage_semantics(Gateway("log", log_format, "/logs", {}))
    assert isinstance(declared, UsageSemantics)
    # of these two all parts are within the whole; another format says so in tests of its own
    if log_format in ("generic", "litellm"):
        assert declared == UsageSemantics()


@pytest.mark.parametrize(("option", "declared"), OPTIONS.items())
def test_an_option_of_the_workspace_is_in_the_declaration(option: str, declared: str) -> None:
    gateway = Gateway("log", "generic", "/logs", {option: False})
    found = gateway_reader("generic").usage_semantics(gateway)
    assert found == UsageSemantics(**{declared: False})
