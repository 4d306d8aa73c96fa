"""Tiny readers for landing tests: one JSON request or charge a line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from ingestion.landing.landing import Landing
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Reject, content_hash
from ingestion.workspace.sources import Bill, Gateway

READER_VERSION = "1"


def request(request_id: str, started_at: str, **columns: Any) -> dict[str, Any]:
    return {"request_id": request_id, "started_at": started_at, **columns}


def write_log(folder: Path, name: str, lines: Iterable[dict[str, Any] | str]) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(log(lines))


def log(lines: Iterable[dict[str, Any] | str]) -> str:
    return "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return UsageSemantics()


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    parsed = Parsed(0, {"requests": []})
    for record_no, line in enumerate(data.decode().splitlines()):
        parsed.records += 1
        try:
            row = json.loads(line)
        except ValueError:
            parsed.rejects.append(Reject(record_no, "not JSON"))
            continue
        if row.get("lose"):
            continue
        for column in ("started_at", "ended_at"):
            if column in row:
                row[column] = datetime.fromisoformat(row[column]).astimezone(UTC)
        row |= {
            "request_key": row["request_id"],
            "tokens_estimated": False,
            "status": row.get("status", "ok"),
            "evidence_rank": 0,
            "attributes": "{}",
            "record_no": record_no,
        }
        row["content_hash"] = content_hash(row)
        parsed.rows["requests"].append(row)
    return parsed


def read_bill(objects: Mapping[str, bytes], bill: Bill) -> Iterator[tuple[str, Parsed]]:
    """A page is a JSON list of [day, dollars]; `pages` of a row tells how many were read."""
    return ((name, _page(objects[name], bill, len(objects))) for name in sorted(objects))


def _page(data: bytes, bill: Bill, pages: int) -> Parsed:
    rows = []
    for record_no, (day, dollars) in enumerate(json.loads(data)):
        start = datetime.fromisoformat(day).replace(tzinfo=UTC)
        rows.append(
            {
                "record_no": record_no,
                "provider": bill.format,
                "billing_account": bill.account,
                "report": "costs",
                "grouping": f"{pages} pages" if bill.options.get("joined") else "",
                "bucket_start": start,
                "bucket_end": start,
                "charge_description": "tokens",
                "charge_category": "Usage",
                "charge_kind": "tokens",
                "billed_cost_in_billing_currency": Decimal(dollars),
                "billing_currency": "USD",
                "raw_row": "{}",
            }
        )
    return Parsed(len(rows), {"charges": rows})


def landed(landing: Landing, cache: Path, table: str, columns: str) -> list[tuple[object, ...]]:
    """Sorted rows of the visible files."""
    files = [str(path) for path in landing.local_files(cache)[table]]
    if not files:
        return []
    found = duckdb.connect().execute(f"select {columns} from read_parquet($1)", [files])
    return sorted(found.fetchall())
