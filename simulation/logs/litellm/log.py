"""Writes attempts as the records that LiteLLM logs for them."""

import json

from simulation.company.catalog import Company
from simulation.company.provider_prices import UnitPrices, dollars, list_prices
from simulation.company.random_names import CallIds
from simulation.logs.litellm.kind import Kind
from simulation.logs.litellm.record import USER_AGENT_TAGS, record_template
from simulation.traffic.attempt import Attempt
from simulation.traffic.tags import tags_of

SECOND = 1_000_000
UNPRICED = (0, 0, 0, 0, 0)


class LiteLLMLog:
    """Turns attempts into lines of JSON; templates are made once per kind of record."""

    def __init__(self, company: Company, ids: CallIds) -> None:
        self._company = company
        self._ids = ids
        self._templates: dict[tuple[object, ...], str] = {}
        self._tags: dict[tuple[object, ...], tuple[str, str]] = {}
        self._prices: dict[tuple[str, str], UnitPrices] = {}

    def line(self, attempt: Attempt) -> str:
        ids, head = self._ids, attempt.head
        tags, request_tags = self._tag_lists(attempt)
        values = {
            "id": attempt.request_id,
            "call_id": attempt.call_id,
            "trace_id": ids.trace_id(head),
            "provider_request_id": ids.provider_request_id(head, attempt.outcome == "failure"),
            "cache_key": head * 4,
            "started": _seconds(attempt.started),
            "ended": _seconds(attempt.ended),
            "customer": attempt.customer_id,
            "session": attempt.session,
            "prompt_version": json.dumps(attempt.feature.prompt_version),
            "tags": tags,
            "request_tags": request_tags,
            "batched_requests": attempt.batched_requests,
            **_times(attempt),
            **_tokens(attempt),
            **self._costs(attempt),
        }
        return self._template(attempt) % values

    def _template(self, attempt: Attempt) -> str:
        read, write_5m, write_1h = attempt.logged[1:4]
        parts = (
            attempt.key,
            attempt.deployment,
            attempt.outcome,
            attempt.role,
            attempt.service_tier,
            attempt.stream,
            attempt.http_status,
            read > 0,
            write_5m + write_1h > 0,
        )
        template = self._templates.get(parts)
        if template is None:
            template = self._templates[parts] = record_template(Kind(*parts))
        return template

    def _tag_lists(self, attempt: Attempt) -> tuple[str, str]:
        """The tags as sent, and with those that LiteLLM adds."""
        parts = (
            attempt.feature,
            attempt.tier,
            attempt.key.environment,
            attempt.tag_fault,
            attempt.tag_feature,
        )
        lists = self._tags.get(parts)
        if lists is None:
            sent = tags_of(self._company, *parts)
            lists = json.dumps(sent), json.dumps([*sent, *USER_AGENT_TAGS])
            self._tags[parts] = lists
        return lists

    def _costs(self, attempt: Attempt) -> dict[str, str]:
        cloud = attempt.deployment.cloud
        # of a deployment whose model nobody told it LiteLLM knows no price, and claims nothing
        is_priced = cloud is None or bool(cloud.base_model)
        name = (attempt.deployment.model if is_priced else "", attempt.service_tier)
        prices = self._prices.get(name)
        if prices is None:
            prices = self._prices[name] = list_prices(*name) if is_priced else UNPRICED
        fresh, read, write_5m, write_1h, out = (
            tokens * price for tokens, price in zip(attempt.logged, prices, strict=True)
        )
        full = dollars(fresh + read + write_5m + write_1h + out)
        hit = attempt.outcome == "cache_hit"
        return {
            "input_cost": dollars(fresh + read + write_5m + write_1h),
            "output_cost": dollars(out),
            "cache_read_cost": dollars(read),
            "cache_creation_cost": dollars(write_5m + write_1h),
            "full_cost": full,
            "response_cost": "0.0" if hit else full,
            "saved_cost": full if hit else "0.0",
        }


def _tokens(attempt: Attempt) -> dict[str, int]:
    fresh, read, write_5m, write_1h, out = attempt.logged
    prompt = fresh + read + write_5m + write_1h
    return {
        "fresh_input": fresh,
        "cache_read": read,
        "cache_write": write_5m + write_1h,
        "cache_write_5m": write_5m,
        "cache_write_1h": write_1h,
        "reasoning": attempt.reasoning,
        "text_output": out - attempt.reasoning,
        "prompt_tokens": prompt,
        "completion_tokens": out,
        "total_tokens": prompt + out,
    }


def _times(attempt: Attempt) -> dict[str, str]:
    """Of a stream, `response_time` is the time to its first token."""
    first = attempt.ended
    if attempt.stream and attempt.outcome == "success":
        first = attempt.started + (attempt.ended - attempt.started) // 8
    return {
        "completion_started": _seconds(first),
        "response_time": _seconds(first - attempt.started),
    }


def _seconds(microseconds: int) -> str:
    seconds, micros = divmod(microseconds, SECOND)
    return f"{seconds}.{micros:06d}"
