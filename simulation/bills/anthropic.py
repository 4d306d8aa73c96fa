"""Anthropic's `cost_report` and `usage_report/messages`, by UTC day.

Costs are cents as decimal text by workspace and description, without quantities and keys; the
usage report has the tokens by key.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from simulation.bills.ledger import Cell, Ledger
from simulation.bills.pages import Bucket, write_pages
from simulation.company.provider_prices import PICO

PICO_PER_CENT: Final = PICO // 100
CONTEXT_WINDOW: Final = "0-200k"
NAMES: Final = {
    "claude-opus-4-5": "Claude Opus 4.5",
    "claude-haiku-4-5": "Claude Haiku 4.5",
}
# meter: (token_type, its words in the description)
TOKEN_TYPES: Final = {
    "input": ("uncached_input_tokens", "Input Tokens"),
    "cache_read": ("cache_read_input_tokens", "Input Tokens, Cache Read"),
    "cache_write_5m": (
        "cache_creation.ephemeral_5m_input_tokens",
        "Input Tokens, Cache Write (5m)",
    ),
    "cache_write_1h": (
        "cache_creation.ephemeral_1h_input_tokens",
        "Input Tokens, Cache Write (1h)",
    ),
    "output": ("output_tokens", "Output Tokens"),
}
# (workspace, model, service tier, meter)
CostKey = tuple[str | None, str, str, str]


def write_anthropic_bill(folder: Path, ledger: Ledger, days: Sequence[date]) -> None:
    cells = ledger.cells("anthropic")

    def costs(day: date) -> Bucket:
        return _bucket(day, _cost_rows(cells.get(day, [])))

    def usage(day: date) -> Bucket:
        return _bucket(day, [_usage_row(cell) for cell in sorted(cells.get(day, []), key=_order)])

    write_pages(folder, "cost_report", days, costs, {})
    write_pages(folder, "usage_report-messages", days, usage, {})


def _bucket(day: date, results: list[dict[str, Any]]) -> Bucket:
    return {
        "starting_at": f"{day}T00:00:00Z",
        "ending_at": f"{day + timedelta(days=1)}T00:00:00Z",
        "results": results,
    }


def _cost_rows(cells: list[Cell]) -> list[dict[str, Any]]:
    """The keys of a workspace share one row."""
    sums: dict[CostKey, int] = {}
    names = {}
    for cell in cells:
        deployment = cell.deployment
        names[deployment.bill_model] = NAMES[deployment.model]
        for meter, _, pico in cell.charges():
            key = (
                deployment.sub_account.sub_account_id,
                deployment.bill_model,
                cell.service_tier,
                meter,
            )
            sums[key] = sums.get(key, 0) + pico
    return [
        _cost_row(key, names[key[1]], pico)
        for key, pico in sorted(sums.items(), key=lambda each: (each[0][0] or "", *each[0][1:]))
    ]


def _cost_row(key: CostKey, name: str, pico: int) -> dict[str, Any]:
    workspace, model, service_tier, meter = key
    token_type, words = TOKEN_TYPES[meter]
    batch = " (Batch)" if service_tier == "batch" else ""
    return {
        "amount": cents_text(pico),
        "context_window": CONTEXT_WINDOW,
        "cost_type": "tokens",
        "currency": "USD",
        "description": f"{name} Usage{batch} - {words}",
        "inference_geo": None,
        "model": model,
        "service_tier": service_tier,
        "token_type": token_type,
        "workspace_id": workspace,
    }


def cents_text(pico: int) -> str:
    """Cents with all decimals, at least two: `411.90`."""
    whole, rest = divmod(pico, PICO_PER_CENT)
    decimals = f"{rest:010d}".rstrip("0")
    return f"{whole}.{decimals:0<2}"


def _usage_row(cell: Cell) -> dict[str, Any]:
    fresh, read, write_5m, write_1h, out = cell.tokens
    return {
        "uncached_input_tokens": fresh,
        "cache_read_input_tokens": read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": write_5m,
            "ephemeral_1h_input_tokens": write_1h,
        },
        "output_tokens": out,
        "server_tool_use": {"web_search_requests": 0},
        "api_key_id": cell.deployment.credential_id,
        "workspace_id": cell.deployment.sub_account.sub_account_id,
        "model": cell.deployment.bill_model,
        "service_tier": cell.service_tier,
        "context_window": CONTEXT_WINDOW,
        "inference_geo": None,
        "account_id": None,
        "service_account_id": None,
    }


def _order(cell: Cell) -> tuple[str, str, str, str]:
    deployment = cell.deployment
    workspace = deployment.sub_account.sub_account_id or ""
    return workspace, deployment.credential_id, deployment.bill_model, cell.service_tier
