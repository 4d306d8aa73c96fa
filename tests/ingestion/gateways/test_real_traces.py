"""What real tools wrote of the same planned calls, against the truth of the plan.

tests/ingestion/gateways/fixtures/traces: spans as the tool exported them, and expected.json of
what the provider was asked for and counted, never from the tool. Where a tool loses something the
calls are named here, so that a reader that loses more, or less, is seen.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ingestion.gateways.datadog import reader as datadog
from ingestion.gateways.langsmith import reader as langsmith
from ingestion.gateways.otel import reader as otel
from ingestion.gateways.portkey import reader as portkey
from ingestion.records import Row
from ingestion.workspace.formats import GatewayReader
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

TRACES = Path(__file__).parent / "fixtures" / "traces"
Call = dict[str, Any]
METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
# Streams that end without usage: nobody knows, and LiteLLM guesses.
NO_USAGE = {"stream_nousage"}
# Writes for an hour, which only Anthropic's client and Pydantic AI tell apart.
SPLIT = {"ant_write_1h", "ant_write_both_read", "ant_stream_write"}
RESPONSES = {"resp_cached_reasoning", "resp_write_ttl", "resp_stream", "resp_websearch"}


@dataclass(frozen=True)
class Losses:
    """What a tool's spans do not say: kinds of calls, of which the meters are others, and hits of
    its own cache that look like calls. `unknown`: kinds of calls without any usage. `attempts`:
    rows beside the plan's calls, all errors.
    """

    calls: set[str] = field(default_factory=set)
    meters: set[str] = field(default_factory=set)
    hits: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    attempts: int = 0
    owners: bool = True


# openai-v2 reads no details, and no Responses API
NO_DETAILS = Losses(
    calls=RESPONSES | {"resp_err_429"},
    meters={
        *("cached", "cache_write", "reasoning_cached", "stream_usage", "stream_usage_reasoning"),
        *("priority", "untagged", "agent_plan", "agent_final"),
    },
    owners=False,
)
LOSSES = {
    "openllmetry-0.62.4": Losses(
        meters={*SPLIT, "cache_write", "resp_write_ttl", "ant_stream_read"}
    ),
    "openinference-0.1.72": Losses(meters=SPLIT),
    "otel-genai-1.3b0": Losses(meters=SPLIT, owners=False),
    "otel-openai-v2-2.4b0": NO_DETAILS,
    "otel-openai-v2-2.4b0-latest-experimental": NO_DETAILS,
    "pydantic-ai-2.68.0": Losses(owners=False),
    "vercel-ai-sdk-6.0.326": Losses(meters=SPLIT, attempts=1),
    "litellm-1.110.2-callback-otelv2": Losses(
        calls={"unknown_key", "unknown_model"}, meters=SPLIT, attempts=1, owners=False
    ),
    "litellm-1.110.2-callback-phoenix": Losses(
        calls={"unknown_key"},
        meters={*SPLIT, "cache_write", "resp_write_ttl", "response_cache_hit"},
        hits={"response_cache_hit"},
        attempts=2,
    ),
    "langfuse-sdk-5.0.4": Losses(meters=SPLIT),
    "litellm-1.110.2-callback-langfuse": Losses(calls={"unknown_key"}, attempts=2),
    "litellm-sdk-1.110.2-openinference-0.1.51": Losses(meters={*SPLIT, "cache_write"}),
    "langsmith-sdk-0.15.1": Losses(
        calls={"embed_one", "embed_many"},
        meters={"cache_write", "resp_write_ttl"},
        # its wrapper fails on them
        unknown={"ant_stream_read", "ant_stream_write"},
    ),
    "litellm-1.110.2-callback-langsmith": Losses(calls={"unknown_key"}, attempts=2),
    "ddtrace-4.16.0": Losses(meters={"ant_stream_write"}),
    "litellm-1.110.2-callback-datadog": Losses(calls={"unknown_key"}, attempts=2),
    # streams that it passes through and embeddings fail in it, and are not logged; no metadata
    "portkey-gateway-1.15.2": Losses(
        calls={
            *("stream_usage", "stream_usage_reasoning", "stream_nousage", "resp_stream"),
            *("embed_one", "embed_many", "ant_stream_write", "ant_stream_read", "agent_final"),
        },
        unknown={"gem_stream"},
        owners=False,
    ),
}
SEARCHES = {
    "openinference-0.1.72": {"resp_websearch": 2, "ant_websearch": 3},
    "litellm-1.110.2-callback-langfuse": {"ant_websearch": 3},
    "litellm-1.110.2-callback-phoenix": {"ant_websearch": 3},
    "langsmith-sdk-0.15.1": {"resp_websearch": 2},
    "litellm-1.110.2-callback-langsmith": {"resp_websearch": 2, "ant_websearch": 3},
    "litellm-1.110.2-callback-datadog": {"ant_websearch": 3},
    "portkey-gateway-1.15.2": {"resp_websearch": 2, "ant_websearch": 3},
}
READERS: dict[str, GatewayReader] = {
    "spans.otlp.jsonl.gz": otel,
    "runs.jsonl.gz": langsmith,
    "posts.jsonl.gz": datadog,
    "log_stream.sse.gz": portkey,
}
NAMED = NamedPlaces(
    places=(
        *("metadata:feature", "metadata:team", "metadata:tier"),
        *("metadata:request_id", "metadata:requestid", "tag:request_id"),
    )
)


def read(sample: str) -> list[Row]:
    [(file, reader)] = (
        (file, reader)
        for name, reader in READERS.items()
        if (file := TRACES / sample / name).exists()
    )
    gateway = Gateway("traces", reader.__name__.split(".")[-2], "/logs", {}, named=NAMED)
    parsed = reader.read_object(file.read_bytes(), "spans", gateway)
    assert parsed.rejects == []
    return parsed.rows["requests"]


def told_once(rows: list[Row]) -> list[Row]:
    """Without the spans that another one tells, too, as int_record_exceptions pairs them."""
    told = {
        row[name] for row in rows if row["evidence_rank"] == 2 for name in ("request_id", "call_id")
    }
    return [
        row
        for row in rows
        if row["evidence_rank"] == 2 or not told & {row["request_id"], row["call_id"]}
    ]


def by_call(sample: str) -> tuple[dict[str, tuple[Call, Row]], list[Row], list[Call]]:
    """Planned call -> what it was and its row, and the rows and calls without each other.

    By ids; what has none (errors, embeddings, ids that LiteLLM made) in the order of the plan.
    """
    expected = json.loads((TRACES / sample / "expected.json").read_text())["requests"]
    rows = sorted(told_once(read(sample)), key=lambda row: row["started_at"])
    found: dict[str, tuple[Call, Row]] = {}
    for names in (("response_id",), ("provider_request_id",), ("id",), ()):
        for call in (call for call in expected if call["id"] not in found):
            fitting = [row for row in rows if row["status"] == call["status"]]
            if names:
                said = call[names[0]]
                fitting = [row for row in fitting if said and said in ids(row)]
            else:
                others = {each["id"] for each in expected} | {
                    each["response_id"] for each in expected if each["id"] not in found
                }
                fitting = [row for row in fitting if not ids(row) & others and alike(row, call)]
            if fitting:
                found[call["id"]] = (call, fitting[0])
                rows.remove(fitting[0])
    return found, rows, [call for call in expected if call["id"] not in found]


def ids(row: Row) -> set[str]:
    groups = json.loads(row["attributes"])
    said = groups.get("metadata", {}) | groups.get("tags", {})
    told = (row["request_id"], row["provider_request_id"])
    return {*told, said.get("request_id"), said.get("requestid")} - {None}


def alike(row: Row, call: Call) -> bool:
    embeds = row["operation"] == "embeddings"
    return (
        row["provider"] == call["provider"]
        and embeds == call["kind"].startswith("embed")
        # refused by a gateway, before anybody was asked
        and not call["kind"].startswith("unknown_")
    )


def meters(call: Call) -> dict[str, int]:
    """The plan's, with writes of other times to live where nothing says 1h."""
    said = call["meters"]
    others = sum(said.get(f"cache_write_{kind}", 0) for kind in ("unsplit", "30m", "12h"))
    return {name: said[name] for name in METERS} | {
        "cache_write_5m": said["cache_write_5m"] + others
    }


@pytest.mark.parametrize("sample", LOSSES)
def test_every_call_is_a_request_once(sample: str) -> None:
    found, rows, calls = by_call(sample)
    losses = LOSSES[sample]
    assert {call["kind"] for call in calls} == losses.calls
    # an attempt that a retry rescued, and one that no provider saw
    assert [row["status"] for row in rows] == ["error"] * losses.attempts
    assert len(found) > 15


@pytest.mark.parametrize("sample", LOSSES)
def test_meters_are_the_providers(sample: str) -> None:
    found, _, _ = by_call(sample)
    wrong = {
        call["kind"]
        for call, row in found.values()
        if {name: row[f"{name}_quantity"] for name in METERS} != meters(call)
    }
    losses = LOSSES[sample]
    assert wrong == (losses.meters | losses.unknown | NO_USAGE) - losses.calls


@pytest.mark.parametrize("sample", LOSSES)
def test_whatever_the_tool_splits_the_input_is_whole(sample: str) -> None:
    """A write of another time, or one that nobody named, is still input of its call."""
    found, _, _ = by_call(sample)
    sides = [name for name in METERS if name != "output"]
    for call, row in found.values():
        if call["kind"] not in NO_USAGE | LOSSES[sample].hits | LOSSES[sample].unknown:
            assert sum(row[f"{side}_quantity"] for side in sides) == sum(
                meters(call)[side] for side in sides
            ), call["id"]


@pytest.mark.parametrize("sample", [name for name in LOSSES if LOSSES[name].owners])
def test_owners_are_the_callers(sample: str) -> None:
    found, _, _ = by_call(sample)
    for call, row in found.values():
        if call["feature"] is None or call["kind"].startswith("unknown_"):
            continue
        said = json.loads(row["attributes"])
        named = said.get("metadata", {}) | said.get("tags", {})
        assert (named.get("feature"), named.get("tier")) == (call["feature"], call["tier"])
        assert (named.get("team") or row["gateway_team_alias"]) == call["team"]
        assert (row["customer_id"], row["session_id"]) == (call["user"], call["session"])
        assert row["provider"] == call["provider"]


@pytest.mark.parametrize("sample", LOSSES)
def test_searches_of_the_provider(sample: str) -> None:
    """Two by OpenAI's Responses API, three by Anthropic; most tools do not tell them."""
    found = {
        call["kind"]: row["web_searches_quantity"] for call, row in by_call(sample)[0].values()
    }
    searched = {kind: count for kind, count in found.items() if count}
    assert searched == SEARCHES.get(sample, {})


def test_the_tier_that_served_stands_in_the_answer_that_openinference_keeps() -> None:
    found = by_call("openinference-0.1.72")[0].values()
    tiers = {call["kind"]: row["service_tier"] for call, row in found}
    assert (tiers["flex"], tiers["priority"], tiers["cached"]) == ("flex", "priority", "standard")


@pytest.mark.parametrize(
    "sample", ["otel-genai-1.3b0", "openinference-0.1.72", "langfuse-sdk-5.0.4"]
)
def test_a_clients_own_span_has_what_the_instrumentation_lacks(sample: str) -> None:
    """Both land, so that what one of them lacks is known."""
    rows = read(sample)
    split = {row["call_id"]: row for row in rows if row["evidence_rank"] == 1}
    for call, row in by_call(sample)[0].values():
        if call["kind"] in SPLIT:
            own = split[row["call_id"]]
            assert {name: own[f"{name}_quantity"] for name in METERS} == meters(call)
