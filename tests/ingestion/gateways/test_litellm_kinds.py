"""Lines of LiteLLM that are of few kinds are read together: each is what it is by itself."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from both_ways import assert_equal, in_columns
from litellm_logs import named, objects, read, spendlogs

from ingestion.gateways.litellm import collecting
from ingestion.reading.columns import together
from ingestion.records import Parsed
from tests.fuzz.corpus import Sample
from tests.fuzz.mutations import LITERALS, mutated

BASIC = "05-37-27-097255"
Both = Callable[[bytes], tuple[Parsed, Parsed]]


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Both:
    """The log with records of a kind together, where that can be, and one by one."""

    def read_both(data: bytes) -> tuple[Parsed, Parsed]:
        collecting.KNOWN.clear()
        monkeypatch.setattr(collecting, "FEWEST", 1)
        monkeypatch.setattr(collecting, "FEWEST_A_KIND", 0)
        by_kind = read(data)
        with monkeypatch.context() as never:
            never.setattr(collecting, "FEWEST", 10**9)
            return by_kind, read(data)

    return read_both


def called(random: Random, number: int, **changes: Any) -> dict[str, Any]:
    """A call as the proxy logs it, with ids, times, counts and a claim of its own."""
    record = named(BASIC)
    read_, made, cached = random.randrange(9, 9000), random.randrange(900), random.randrange(9)
    record |= {
        "id": f"chatcmpl-{number}",
        "litellm_call_id": f"call-{number}",
        "trace_id": f"trace-{number % 40}",
        "startTime": 1790000000 + number + random.randrange(10**6) / 1e6,
        "end_user": random.choice(("c-1", "c-2", "", None, "carl@acme.org")),
        "response_cost": random.choice((0.0, 0, None, 0.00199, 1e-13)),
        "prompt_tokens": read_,
        "completion_tokens": made,
        "total_tokens": read_ + made,
        "status": random.choice(("success", "success", "failure")),
        "cache_hit": random.choice((None, False, True)),
    }
    record["endTime"] = record["startTime"] + random.random() * 9
    record["metadata"]["user_api_key_user_id"] = random.choice(("svc-a", "ann", 7, None))
    record["metadata"]["usage_object"] |= {
        "prompt_tokens": read_,
        "completion_tokens": made,
        "total_tokens": read_ + made,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    return record | changes


def lines(records: list[Any]) -> bytes:
    return "\n".join(map(json.dumps, records)).encode()


@pytest.mark.parametrize("seed", range(3))
def test_calls_of_few_kinds_are_the_rows(both: Both, seed: int) -> None:
    random = Random(seed)
    by_kind, one_by_one = both(lines([called(random, number) for number in range(300)]))
    assert in_columns(by_kind) == 300
    assert_equal(by_kind, one_by_one)


def test_what_one_caller_says_again_has_its_prompt_version(both: Both) -> None:
    random = Random(4)
    records = [called(random, number, status="success") for number in range(300)]
    for number, record in enumerate(records):
        said = record["metadata"]["requester_metadata"] or {}
        version = {"prompt_version": f"v{number % 3}"} if number % 4 else {}
        record["metadata"]["requester_metadata"] = {**said, **version}
    by_kind, one_by_one = both(lines(records))
    [table] = by_kind.requests
    assert set(table["prompt_version"].to_pylist()) == {"v0", "v1", "v2", None}
    assert_equal(by_kind, one_by_one)


def test_every_real_object_and_row_among_plain_calls(both: Both) -> None:
    random = Random(1)
    real = [*objects().values(), *spendlogs()]
    plain = [called(random, number) for number in range(100)]
    by_kind, one_by_one = both(lines([*plain, *real, *plain, *real]))
    assert in_columns(by_kind) > 200
    assert_equal(by_kind, one_by_one)


# Places of a record that decide its kind, or that each record says for itself
PLACES = (
    *(("cache_hit",), ("call_type",), ("custom_llm_provider",), ("model",), ("id",), ("endTime",)),
    *(("stream",), ("error_str",), ("response",), ("response_cost",), ("prompt_tokens",)),
    *(("metadata",), ("metadata", "usage_object"), ("metadata", "requester_metadata")),
    *(("metadata", "user_api_key_alias"), ("metadata", "usage_object", "prompt_tokens")),
    *(("hidden_params", "additional_headers"), ("model_parameters", "max_tokens"), ("unread",)),
)


@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_hostile_literals_cost_their_own_record(both: Both, place: tuple[str, ...]) -> None:
    random = Random(2)
    records = []
    for number, literal in enumerate([*LITERALS, "1.0", "true", "1", '"1"', "null", "false"]):
        record = called(random, number)
        holder = record
        for name in place[:-1]:
            holder = holder.setdefault(name, {}) or {}
        holder[place[-1]] = "@"
        records.append(json.dumps(record).replace('"@"', literal))
        records.append(json.dumps(called(random, 1000 + number)))
    by_kind, one_by_one = both("\n".join(records).encode())
    assert in_columns(by_kind) >= len(LITERALS)
    assert_equal(by_kind, one_by_one)


@pytest.mark.parametrize(
    "secret", ["sk-abcdefgh12345", "Bearer abcdefghijkl", "x" * 70, "a b " * 30]
)
def test_secrets_and_texts_in_names_land_as_ever(both: Both, secret: str) -> None:
    random = Random(3)
    changed = [
        called(random, number, **{name: secret})
        for number, name in enumerate(("id", "trace_id", "end_user", "model_group", "session_id"))
    ]
    by_kind, one_by_one = both(lines([*changed, *(called(random, 50 + n) for n in range(50))]))
    assert in_columns(by_kind) >= 50
    assert_equal(by_kind, one_by_one)


@pytest.mark.parametrize(
    "changes",
    [
        {"startTime": "2026-10-01T09:30:00.123456Z", "endTime": "2026-10-01T09:30:01Z"},
        {"trace_id": "sk-abcdefgh12345"},
        {"total_tokens": 999_999},
        {"startTime": 17_900_000_000},
    ],
    ids=["texts", "secrets", "totals", "after 2199"],
)
def test_an_object_of_which_no_record_suits_columns_is_read_one_by_one(
    both: Both, changes: dict[str, Any]
) -> None:
    random = Random(4)
    odd = [called(random, number, **changes) for number in range(60)]
    by_kind, one_by_one = both(lines(odd))
    assert_equal(by_kind, one_by_one)
    by_kind, one_by_one = both(lines([*odd, *(called(random, 100 + n) for n in range(20))]))
    assert in_columns(by_kind) >= 20
    assert_equal(by_kind, one_by_one)


@pytest.mark.parametrize("seed", range(12))
def test_damaged_lines_are_what_they_are_one_by_one(
    both: Both, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    random = Random(seed)
    monkeypatch.setattr(together, "TOGETHER", random.choice((30, 20_000)))
    real = [*objects().values(), *spendlogs()[:5]]
    some = []
    for number in range(120):
        if random.random() < 0.3:
            wild = random.choice(real)
            sample = Sample("litellm", "jsonl", json.dumps(wild).encode(), (wild,))
            some.append(mutated(sample, random))
        else:
            some.append(json.dumps(called(random, number)).encode())
    data = b"\n".join(some)
    by_kind, one_by_one = both(data)
    assert in_columns(by_kind) > 60
    assert_equal(by_kind, one_by_one)
    assert_equal(*both(mutated(Sample("litellm", "jsonl", data), random)))


def test_kinds_of_an_earlier_object_are_known(both: Both) -> None:
    random = Random(8)
    earlier = lines([called(random, number) for number in range(100)])
    both(earlier)
    later = lines([called(random, number) for number in range(100, 300)])
    read(earlier)
    held = dict(collecting.KNOWN)
    assert in_columns(read(later)) == 200
    assert held
    assert_equal(read(later), both(later)[1])


def test_bad_lines_are_isolated_with_their_place(both: Both) -> None:
    random = Random(5)
    said = [json.dumps(called(random, number)).encode() for number in range(200)]
    bad = {3: b"{", 90: b'"x"', 91: said[91].replace(b"chatcmpl", b"ch\xff"), 199: b'{"id": 1}'}
    for number, line in bad.items():
        said[number] = line
    data = b"\r\n".join(said) + b"\r\n"
    by_kind, one_by_one = both(data)
    assert [reject.record_no for reject in by_kind.rejects] == list(bad)
    assert [data[r.offset or 0 :][: r.length] for r in by_kind.rejects] == list(bad.values())
    assert in_columns(by_kind) == 196
    assert_equal(by_kind, one_by_one)


def test_what_kinds_make_otherwise_than_the_rules_is_read_by_the_rules(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        collecting, "bounded_names", lambda _, said: [f"{value}!" for value in said]
    )
    random = Random(6)
    by_kind, one_by_one = both(lines([called(random, number) for number in range(30)]))
    assert by_kind.requests == []
    assert_equal(by_kind, one_by_one)


@pytest.mark.parametrize("other", [1, 1.0, "1", True])
def test_values_that_python_takes_for_equal_are_other_kinds(both: Both, other: Any) -> None:
    random = Random(7)
    calls = [
        called(random, number, stream=value, status="success", cache_hit=value)
        for number, value in enumerate([True, other] * 20)
    ]
    by_kind, one_by_one = both(lines(calls))
    assert in_columns(by_kind) == 40
    assert_equal(by_kind, one_by_one)
