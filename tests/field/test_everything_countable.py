"""Whatever a bill and a log both count is matched like tokens; one company, a day a case."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.field.countable_bills import (
    anthropic_cost,
    anthropic_page,
    anthropic_usage,
    billed,
    costs,
)
from tests.field.litellm_calls import logged
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, write_company

SETTINGS = """\
company: Countable
timezone: Europe/Berlin
gateways:
  - {name: gw, format: litellm, location: logs/gw}
  - name: own
    format: generic
    location: logs/own
    columns: {credential_hint: key, file_searches: lookups, audio_seconds_quantity: heard}
bills:
  - {name: openai, format: openai, account: org-x, location: bills/openai}
  - {name: anthropic, format: anthropic, account: org-y, location: bills/anthropic}
"""
DEPLOYMENTS = """\
gateway,deployment_id,provider,billing_account,sub_account,provider_credential_id,region
gw,dep-1,openai,org-x,p,key,
gw,claude-*,anthropic,org-y,,apikey_a,
"""
PRICES = """\
provider,model,meter,unit_price_per_million
openai,tts-1,characters,15
openai,whisper-1,audio_seconds,100
"""
NO_TOKENS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
SEARCH, OPENED = (
    {"type": "web_search_call", "status": "completed", "action": {"type": "search"}},
    {"type": "web_search_call", "status": "completed", "action": {"type": "open_page"}},
)
RUN = {"type": "code_interpreter_call", "container_id": "c"}


def of(team: str, day: int, model: str, call: str = "aresponses", **fields: Any) -> dict[str, Any]:
    """A call of a team at ten of a day of October, without tokens unless `counted` says them."""
    fields.setdefault("counted", NO_TOKENS)
    name = f"{day}-{team}-{model}"
    return logged(
        name,
        f"2026-10-{day:02}T10:00:00Z",
        call_type=call,
        model=model,
        model_group=model,
        request_tags=[f"team:{team}"],
        **fields,
    )


def answer(*output: dict[str, Any], **body: Any) -> dict[str, Any]:
    return {"response": {"service_tier": "default", "output": list(output), **body}}


def calls() -> Iterator[dict[str, Any]]:
    gpt, hundred = "gpt-4o-2024-08-06", {"prompt_tokens": 100, "total_tokens": 100}
    # 6: the folder's searches, of which opening a page is none, beside tokens
    yield of("news", 6, gpt, counted=hundred, **answer(SEARCH, SEARCH, OPENED))
    yield of("sales", 6, gpt, counted=hundred, **answer(SEARCH, SEARCH, SEARCH))
    # 7: seconds, in the folder billed as such, here in minutes; half seconds round
    told = {**NO_TOKENS, "type": "duration", "seconds": 200}
    yield of("notes", 7, "whisper-1", "atranscription", counted=told)
    yield of("calls", 7, "whisper-1", "atranscription", response={"duration": 399.6})
    # 8: file searches, one of which nobody logged
    yield of("legal", 8, gpt, **answer({"type": "file_search_call"}, {"type": "file_search_call"}))
    # 9: two tools in a request, code sessions billed by the session
    yield of("data", 9, gpt, **answer(SEARCH, RUN, RUN, {**RUN, "container_id": "d"}))
    yield of("lab", 9, gpt, **answer(RUN))
    # 10: images of one model in two sizes and qualities; what came counts, not what was asked
    yield of("design", 10, "dall-e-3", "aimage_generation", model_parameters={"n": 3}, **images(1))
    yield of("brand", 10, "dall-e-3", "aimage_generation", model_parameters={"n": 2})
    # 11: characters of what was spoken, billed by the thousand
    spoken = [{"role": "user", "content": "x" * 1500}]
    yield of("ivr", 11, "tts-1", "aspeech", messages=spoken)
    yield of("games", 11, "tts-1", "aspeech", messages="y" * 500)
    # 12: pages
    pages = {"response": {"usage_info": {"pages_processed": 4}}}
    yield of("claims", 12, "ocr-1", "aocr", **pages)
    # 13: a day of tokens alone, beside tools and storage that it does not explain
    yield of("news", 13, gpt, counted=hundred, response={"service_tier": "default"})
    # 14: code interpreter billed in hours, 2 sessions against 1
    yield of("data", 14, gpt, **answer(RUN, {**RUN, "container_id": "d"}))
    yield of("lab", 14, gpt, **answer(RUN))
    # 17: a charge by the request: answered ones, whatever they were
    yield of("shop", 17, "omni-moderation-latest", "amoderation")
    yield of("blog", 17, "omni-moderation-latest", "amoderation")
    yield of("shop-again", 17, "omni-moderation-latest", "amoderation")
    yield of("refused", 17, "omni-moderation-latest", "amoderation", status="failure")
    # 15: an answer of which nobody told anything, and a refusal
    yield of("mute", 15, "whisper-1", "atranscription")
    yield of("refused", 15, "whisper-1", "atranscription", status="failure")
    # 16: searches of a batch of models under one line, and a fast one
    yield claude("press", 16, "claude-opus-4-8", 3)
    yield claude("desk", 16, "claude-sonnet-4-5", 1)


def images(count: int) -> dict[str, Any]:
    return {"response": {"data": [{"url": None}] * count}}


def claude(team: str, day: int, model: str, searches: int) -> dict[str, Any]:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 0,
        "total_tokens": 100,
        "server_tool_use": {"web_search_requests": searches},
        "service_tier": "standard",
        "speed": "standard",
    }
    fields = {"custom_llm_provider": "anthropic", "model_id": f"claude-{team}"}
    return of(team, day, model, "anthropic_messages", counted=usage, **fields)


OPENAI = costs(
    billed("2026-10-06", "web search tool calls", "0.05", 5, "requests"),
    billed("2026-10-06", "gpt-4o-2024-08-06, input", "0.0005", 200, "tokens"),
    billed("2026-10-07", "whisper-1, audio", "0.0601", 10.016667, "duration_minutes"),
    billed("2026-10-08", "file search tool calls", "0.0125", 5, None),
    billed("2026-10-09", "web search tool calls, high", "0.01", 1, "calls"),
    billed("2026-10-09", "code interpreter sessions", "0.09", 3, "sessions"),
    billed("2026-10-10", "dall-e-3, hd, 1024x1024", "0.16", 2, "images"),
    billed("2026-10-10", "dall-e-3, standard, 1024x1024", "0.04", 1, "images"),
    billed("2026-10-11", "tts-1, audio", "0.03", 2, "1000_characters"),
    billed("2026-10-12", "ocr-1, documents", "0.016", 4, "pages"),
    billed("2026-10-13", "gpt-4o-2024-08-06, input", "0.00025", 100, "tokens"),
    billed("2026-10-13", "web search tool calls", "0.02", 2, "requests"),
    billed("2026-10-13", "file search tool calls", "0.0025", 1, "requests", key="stranger"),
    billed("2026-10-13", "Vector storage", "0.10", 24, "gibibyte_hours"),
    billed("2026-10-14", "code interpreter", "0.60", 2.5, "duration_hours"),
    billed("2026-10-17", "omni-moderation-latest, requests", "0.04", 4, "requests"),
)
OWN = [
    {"timestamp": "2026-10-08T11:00:00Z", "model_name": "gpt-4o-2024-08-06", "team": "hr"}
    | {"input_token_count": 0, "output_token_count": 0, "lookups": 2, "key": "key"},
    {"timestamp": "2026-10-07T11:00:00Z", "model_name": "whisper-1", "team": "phone"}
    | {"heard": 0.4, "key": "key"},
]


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    searched = anthropic_cost("4.00", cost_type="web_search", description="Web Search Usage")
    ran = anthropic_cost("5.00", cost_type="code_execution", description="Code Execution Usage")
    files = {
        "logs/gw/2026-10/a.jsonl": "\n".join(map(json.dumps, calls())),
        "logs/own/a.jsonl": "\n".join(map(json.dumps, OWN)),
        "bills/openai/costs.json": OPENAI,
        "bills/anthropic/cost.json": anthropic_page("2026-10-16", searched, ran),
        "bills/anthropic/usage.json": anthropic_page(
            "2026-10-16",
            anthropic_usage("apikey_a", "claude-opus-4-8", 3),
            anthropic_usage("apikey_a", "claude-sonnet-4-5", 1),
        ),
        "reference/deployments.csv": DEPLOYMENTS,
        "reference/prices.csv": PRICES,
    }
    return Company(project, write_company(tmp_path_factory.mktemp("countable"), files, SETTINGS))


def of_day(company: Company, day: int) -> dict[str, Decimal]:
    """Dollars of a day by team, or by cause where nobody owns them."""
    return dict(
        company.query(
            "select coalesce(residual_cause, team), sum(billed_cost) from fct_cost_allocations"
            f" where usage_date = date '2026-10-{day}' group by all having sum(billed_cost) <> 0"
        )
    )


def dollars(**amounts: str) -> dict[str, Decimal]:
    return {name: Decimal(amount) for name, amount in amounts.items()}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (6, dollars(news="0.02025", sales="0.03025")),
        (7, dollars(notes="0.02", calls="0.04", phone="0.0001")),
        (8, dollars(legal="0.005", hr="0.005", unlogged_usage="0.0025")),
        (9, dollars(data="0.07", lab="0.03")),
        (10, dollars(design="0.08", brand="0.12")),
        (11, dollars(ivr="0.0225", games="0.0075")),
        (12, dollars(claims="0.016")),
        (
            13,
            dollars(
                news="0.00025", unlogged_usage="0.02", outside_gateway="0.0025", non_token="0.10"
            ),
        ),
        (14, dollars(data="0.40", lab="0.20")),
        (16, dollars(press="0.03", desk="0.01", unlogged_usage="0.05")),
        (
            17,
            {"shop": Decimal("0.01"), "blog": Decimal("0.01"), "shop-again": Decimal("0.01")}
            | dollars(unlogged_usage="0.01"),
        ),
    ],
)
def test_each_team_pays_what_it_used(
    company: Company, day: int, expected: dict[str, Decimal]
) -> None:
    assert of_day(company, day) == expected


def test_what_no_meter_tells_is_unknown_and_not_free(company: Company) -> None:
    found = company.query(
        "select team, list_cost, price_status from fct_requests"
        " where usage_date = date '2026-10-15' order by team"
    )
    assert found == [("mute", None, "unpriced"), ("refused", Decimal(0), "priced")]


def test_pieces_have_the_books_price_and_no_other(company: Company) -> None:
    found = company.query(
        "select team, list_cost, price_status from fct_requests"
        " where team in ('ivr', 'notes', 'claims') order by team"
    )
    assert found == [
        ("claims", None, "unpriced"),
        ("ivr", Decimal("0.0225"), "priced"),
        ("notes", Decimal("0.02"), "priced"),
    ]


def test_sums_of_tokens_hold_tokens_alone(company: Company) -> None:
    tokens = company.value(
        "select sum(tokens_explained + tokens_not_logged + tokens_not_billed)"
        " from mart_reconciliation_daily where provider = 'openai'"
    )
    assert tokens == 300
    assert company.value("select sum(tokens) from dim_models where provider = 'openai'") == 300
