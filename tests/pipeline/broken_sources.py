"""Sources with one thing wrong each: log objects, a bill line, whole bills."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.pipeline.workspaces import log_lines, log_objects, write_files

# Bills of other organisations, each broken as a whole in its own way, and a gateway.
BROKEN_SOURCES = """
  - {name: half, format: openai, account: org-half, location: bills/half}
  - {name: conflicting, format: openai, account: org-conflicting, location: bills/conflicting}
  - {name: unreadable, format: openai, account: org-unreadable, location: bills/unreadable}
  - {name: gone, format: anthropic, account: org-gone, location: bills/gone}
  - {name: refused, format: openai, account: org-refused, api: {base_url: "API", key: env:OWN_KEY}}
  - {name: unreachable, format: anthropic, account: org-unreachable,
     api: {base_url: "http://127.0.0.1:9", key: env:OWN_KEY}}
"""
UNKNOWN_LINE = {
    "object": "organization.costs.result",
    "amount": {"value": 1.25, "currency": "usd"},
    "line_item": "Qubit seconds, entangled",
    "project_id": None,
    "api_key_id": None,
    "quantity": 17,
    "quantity_unit": "qubit_seconds",
}


def records(folder: Path, count: int) -> list[dict[str, Any]]:
    """Good records under ids of their own."""
    lines = (line for file in log_objects(folder) for line in log_lines(file))
    made = []
    for line in lines:
        record = json.loads(line)
        if record["status"] == "success" and not record["cache_hit"] and len(made) < count:
            made.append(record | {"id": f"own-{len(made)}", "litellm_call_id": f"own-{len(made)}"})
    return made


def bad_objects(good: list[dict[str, Any]]) -> dict[str, bytes]:
    """Name -> content; every object has one bad record, all but `empty` a good one before it."""
    first = [json.dumps(record).encode() + b"\n" for record in good]
    other = good[-1] | {"id": "bad", "litellm_call_id": "bad"}
    packed = gzip.compress(b"".join(first[:2]) + json.dumps(other).encode())
    return {
        "truncated.jsonl.gz": packed[:-40],
        "utf8.jsonl": first[2] + json.dumps(other).encode().replace(b'"bad"', b'"b\xff\xfed"'),
        "text.jsonl": first[3] + b"Traceback (most recent call last):",
        "number.jsonl": first[4] + json.dumps(other | {"prompt_tokens": "many"}).encode(),
        "negative.jsonl": first[5] + json.dumps(other | {"completion_tokens": -5}).encode(),
        "timeless.jsonl": first[6] + json.dumps(other | {"startTime": None}).encode(),
        "empty.jsonl": b"",
    }


def add_unknown_line(folder: Path) -> None:
    """To the bill and to the amount of its invoice."""
    page = folder / "bills" / "openai" / "costs-01.json"
    line = json.dumps(UNKNOWN_LINE)
    page.write_text(page.read_text().replace('"results":[', f'"results":[{line},', 1))
    invoices = folder / "reference" / "invoices.csv"
    lines = invoices.read_text().splitlines()
    amount = lines[0].split(",").index("amount")
    for number, text in enumerate(lines):
        cells = text.split(",")
        if cells[0] == "openai" and "2026-09" in cells:
            cells[amount] = str(Decimal(cells[amount]) + Decimal("1.25"))
            lines[number] = ",".join(cells)
    invoices.write_text("\n".join(lines) + "\n")


def add_broken_sources(folder: Path, api: str) -> None:
    first = json.loads((folder / "bills" / "openai" / "costs-01.json").read_text())
    assert first["has_more"]
    dearer = json.loads(json.dumps(first))
    dearer["data"][0]["results"][0]["amount"]["value"] = 99.5
    pages = {
        "half/costs-01.json": first,
        "conflicting/october.json": first | {"has_more": False},
        "conflicting/october-2.json": dearer | {"has_more": False},
    }
    write_files(folder / "bills", {name: json.dumps(page) for name, page in pages.items()})
    whole = json.dumps(first | {"has_more": False})
    cut = {"unreadable/costs-01.json": whole, "unreadable/costs-02.json": whole[: len(whole) // 2]}
    write_files(folder / "bills", cut)
    file = folder / "tollbook.yaml"
    gateways, bills = file.read_text().split("bills:\n")
    gateways += "  - {name: nowhere, format: litellm, location: logs/nowhere}\n"
    file.write_text(f"{gateways}bills:{BROKEN_SOURCES.replace('API', api)}{bills}")
