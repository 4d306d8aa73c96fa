"""Pages in the documented shape of the cost and usage APIs, built from JSON literals."""

import json
from datetime import UTC, datetime, timedelta

from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Bill, BillApi

OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)


def bill(form: str, base_url: str | None = None, **limits: int) -> Bill:
    api = BillApi(base_url, "ADMIN_KEY", limits) if base_url else None
    return Bill(f"{form}_bill", form, "org-northwind", "/bills", api, "bill", {})


def openai_bucket(day: int, *results: str) -> str:
    start = int((OCTOBER + timedelta(days=day - 1)).timestamp())
    return (
        f'{{"object":"bucket","start_time":{start},"end_time":{start + 86400},'
        f'"results":[{",".join(results)}]}}'
    )


def anthropic_bucket(day: int, *results: str) -> str:
    start, end = (OCTOBER + timedelta(days=day - 1 + more) for more in (0, 1))
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    return (
        f'{{"starting_at":"{start:{stamp}}","ending_at":"{end:{stamp}}",'
        f'"results":[{",".join(results)}]}}'
    )


def page(*buckets: str, more: bool = False) -> bytes:
    following = '"page_next"' if more else "null"
    return (
        f'{{"object":"page","data":[{",".join(buckets)}],'
        f'"has_more":{str(more).lower()},"next_page":{following}}}'
    ).encode()


def cost(
    value: str, line: str | None = "gpt-5.5-2026-04-23, input", project: str | None = "proj_hr"
) -> str:
    line_json = f'"{line}"' if line else "null"
    project_json = f'"{project}"' if project else "null"
    return (
        f'{{"object":"organization.costs.result","amount":{{"value":{value},"currency":"usd"}},'
        f'"line_item":{line_json},"project_id":{project_json},"api_key_id":null,'
        '"quantity":1000,"quantity_unit":"tokens"}'
    )


def pull_json(pulled_at: str, provider: str = "openai", **keys: object) -> bytes:
    marker = {"pull_id": f"pull at {pulled_at}", "pulled_at": pulled_at, "provider": provider}
    return json.dumps(marker | {"reports": ["costs"], "complete": True} | keys).encode()


def rows(parsed: dict[str, Parsed], table: str) -> list[Row]:
    """Rows of every object, without what only says where they were read."""
    lineage = {"record_no"}
    return sorted(
        (
            {key: value for key, value in row.items() if key not in lineage}
            for said in parsed.values()
            for row in said.rows.get(table, [])
        ),
        key=repr,
    )
