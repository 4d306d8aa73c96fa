"""OpenAI's `organization/costs` and `organization/usage/completions`, by UTC day."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec

from simulation.bills.ledger import Cell, Ledger, OtherCharge
from simulation.bills.pages import Bucket, write_pages
from simulation.company.founding import epoch_microseconds
from simulation.company.provider_prices import dollars

SECONDS_PER_DAY: Final = 86_400
KINDS: Final = {"input": "input", "cache_read": "cached input", "output": "output"}


def write_openai_bill(folder: Path, ledger: Ledger, days: Sequence[date]) -> None:
    cells = ledger.cells("openai")
    others: dict[date, list[OtherCharge]] = {}
    for other in ledger.other_charges:
        if other.sub_account.provider == "openai":
            others.setdefault(other.day, []).append(other)

    def costs(day: date) -> Bucket:
        rows = [row for cell in cells.get(day, []) for row in _cost_rows(cell)]
        rows += [_other_row(other) for other in others.get(day, [])]
        return _bucket(day, sorted(rows, key=_row_order))

    def usage(day: date) -> Bucket:
        return _bucket(day, [_usage_row(cell) for cell in sorted(cells.get(day, []), key=_order)])

    page = {"object": "page"}
    write_pages(folder, "costs", days, costs, page)
    write_pages(folder, "usage-completions", days, usage, page)


def _bucket(day: date, results: list[dict[str, Any]]) -> Bucket:
    start = epoch_microseconds(day) // 1_000_000
    return {
        "object": "bucket",
        "start_time": start,
        "end_time": start + SECONDS_PER_DAY,
        "results": results,
    }


def _cost_rows(cell: Cell) -> list[dict[str, Any]]:
    deployment = cell.deployment
    return [
        _cost_row(
            pico,
            line_item=_line_item(cell, KINDS[meter]),
            project_id=deployment.sub_account.sub_account_id,
            api_key_id=deployment.credential_id,
            quantity=tokens,
            quantity_unit="tokens",
        )
        for meter, tokens, pico in cell.charges()
    ]


def _other_row(other: OtherCharge) -> dict[str, Any]:
    return _cost_row(
        other.pico,
        line_item=other.line_item,
        project_id=other.sub_account.sub_account_id,
        api_key_id=None,
        quantity=other.quantity,
        quantity_unit=other.quantity_unit,
    )


def _cost_row(pico: int, **columns: Any) -> dict[str, Any]:
    """Money is a number in the JSON, written with all its decimals."""
    amount = {"value": msgspec.Raw(dollars(pico).encode()), "currency": "usd"}
    return {"object": "organization.costs.result", "amount": amount, **columns}


def _line_item(cell: Cell, kind: str) -> str:
    model = cell.deployment.bill_model
    if cell.service_tier == "batch":
        return f"{model}, batch {kind}"
    return f"priority | {model}, {kind}" if cell.service_tier == "priority" else f"{model}, {kind}"


def _usage_row(cell: Cell) -> dict[str, Any]:
    """`input_tokens` includes the cached ones."""
    fresh, cached, _, _, out = cell.tokens
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": fresh + cached,
        "input_cached_tokens": cached,
        "input_uncached_tokens": fresh,
        "output_tokens": out,
        "num_model_requests": cell.requests,
        "project_id": cell.deployment.sub_account.sub_account_id,
        "user_id": None,
        "api_key_id": cell.deployment.credential_id,
        "model": cell.deployment.bill_model,
        "batch": cell.service_tier == "batch",
        "service_tier": "priority" if cell.service_tier == "priority" else "default",
    }


def _row_order(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["project_id"], row["api_key_id"] or "", row["line_item"]


def _order(cell: Cell) -> tuple[str, str, str, str]:
    deployment = cell.deployment
    project = deployment.sub_account.sub_account_id or ""
    return project, deployment.credential_id, deployment.bill_model, cell.service_tier
