"""October's bill of Anthropic as its new reports tell it, beside the legacy pages."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from simulation.bills.anthropic import TOKEN_TYPES, cents_text
from simulation.company.provider_prices import PICO
from simulation.faults.company import Company
from simulation.faults.finding import Finding

SINCE: Final = "2026-10-01"
PICO_PER_CENT: Final = PICO // 100
GROUP: Final = (
    *("actor", "actor_type", "agent_id", "api_key_id", "claude_tag_category"),
    *("claude_tag_user_id", "context_window", "deployment_id", "environment_id", "inference_geo"),
    *("model", "organization_id", "product", "rbac_group_id", "service_tier", "session_id"),
    *("slack_channel_id", "speed", "user_profile_id", "workspace_id"),
)
SAID: Final = ("api_key_id", "workspace_id", "model", "service_tier", "context_window")
Row = dict[str, Any]


def new_reports(company: Company, rng: Random) -> Finding:
    company.page_edits.append(_write_new_reports)
    return Finding(f"from {SINCE} on Anthropic's bill is there twice: by key, and as legacy pages")


def _write_new_reports(provider: str, pages: Path) -> None:
    if provider != "anthropic":
        return
    amounts = {_cost_key(span, row): row["amount"] for span, row in _rows(pages, "cost_report")}
    usage = list(_rows(pages, "usage_report-messages"))
    tokens: dict[tuple[Any, ...], int] = {}
    for span, row in usage:
        for token_type, count in _counts(row):
            key = _cost_key(span, row, token_type)
            tokens[key] = tokens.get(key, 0) + count
    costs, used = [], []
    for span, row in usage:
        keys = {name: row.get(name) for name in SAID}
        used.append({**span, "group": dict.fromkeys(GROUP) | keys, "usage": _usage(row)})
        for token_type, count in _counts(row):
            key = _cost_key(span, row, token_type)
            amount = cents_text(_pico(amounts[key]) * count // tokens[key])
            group = dict.fromkeys(GROUP) | keys | {"cost_type": "tokens", "token_type": token_type}
            cost = {"amount": amount, "list_amount": amount, "currency": "USD", "requests": None}
            costs.append({**span, "group": group, "cost": cost})
    _write(pages / "analytics_cost.json", sorted(costs, key=_largest_first))
    _write(pages / "analytics_usage.json", used)


def _rows(pages: Path, report: str) -> Iterator[tuple[dict[str, str], Row]]:
    for file in sorted(pages.glob(f"{report}-*.json")):
        for bucket in json.loads(file.read_text())["data"]:
            if bucket["starting_at"] >= SINCE:
                span = {name: bucket[name] for name in ("starting_at", "ending_at")}
                for row in bucket["results"]:
                    yield span, row


def _cost_key(span: dict[str, str], row: Row, token_type: str = "") -> tuple[Any, ...]:
    names = ("workspace_id", "model", "service_tier", "context_window")
    return (
        span["starting_at"],
        *(row.get(name) for name in names),
        token_type or row["token_type"],
    )


def _counts(row: Row) -> Iterator[tuple[str, int]]:
    written = row["cache_creation"]
    for token_type, _ in TOKEN_TYPES.values():
        name = token_type.rpartition(".")[2]
        count = written.get(name, 0) if "." in token_type else row[name]
        if count:
            yield token_type, count


def _usage(row: Row) -> Row:
    names = ("uncached_input_tokens", "cache_read_input_tokens", "output_tokens")
    counts = {name: row[name] for name in names}
    written = row["cache_creation"]
    total = sum(counts.values()) + sum(written.values())
    others = {"server_tool_use": row["server_tool_use"], "requests": 1, "total_tokens": total}
    return {**counts, "cache_creation": written, **others}


def _pico(cents: str) -> int:
    whole, _, decimals = cents.partition(".")
    return int(whole) * PICO_PER_CENT + int(f"{decimals:0<10}")


def _largest_first(row: Row) -> int:
    return -_pico(row["cost"]["amount"])


def _write(file: Path, rows: list[Row]) -> None:
    page = {"data": rows, "has_more": False, "next_page": None}
    file.write_text(json.dumps(page | {"data_refreshed_at": "2026-11-02T08:00:00Z"}))
