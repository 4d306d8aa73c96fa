"""What really happened, kept beside the workspace: `truth/` of a simulated company."""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from simulation.bills.ledger import EPOCH
from simulation.company.catalog import Company
from simulation.company.provider_prices import METERS, dollars
from simulation.traffic.attempt import Attempt, Tokens
from simulation.workspace.reference_files import features_of_team

ROWS_PER_GROUP: Final = 20_000
MONEY: Final = pa.decimal128(38, 12)
INSTANT: Final = pa.timestamp("us", tz="UTC")
UNALLOCATED: Final = "__unallocated__"

COLUMNS: Final = {
    "request_id": pa.string(),
    "call_id": pa.string(),
    "started_at": INSTANT,
    "ended_at": INSTANT,
    "usage_date": pa.date32(),
    "feature": pa.string(),
    # What the tags, aliases and credentials lead to under the default attribution.
    "expected_feature": pa.string(),
    "team": pa.string(),
    "tier": pa.string(),
    "plan": pa.string(),
    "environment": pa.string(),
    "customer_id": pa.string(),
    "gateway_key_alias": pa.string(),
    "deployment_id": pa.string(),
    "provider": pa.string(),
    "billing_account": pa.string(),
    "sub_account": pa.string(),
    "credential_id": pa.string(),
    "model": pa.string(),
    "bill_model": pa.string(),
    "service_tier": pa.string(),
    "outcome": pa.string(),
    "attempt_role": pa.string(),
    "http_status": pa.int64(),
    "batched_requests": pa.int64(),
    **{f"{meter}_logged": pa.int64() for meter in METERS},
    **{f"{meter}_quantity": pa.int64() for meter in METERS},
    "reasoning_tokens": pa.int64(),
    **{f"{meter}_billed_cost": MONEY for meter in METERS},
    "billed_cost": MONEY,
    "tags_complete": pa.bool_(),
    "tag_fault": pa.string(),
    "delivered_twice": pa.bool_(),
    "delivered_late": pa.bool_(),
}
DAILY_COLUMNS: Final = (
    *("usage_date", "feature", "expected_feature", "team", "tier", "provider", "model"),
    *("requests", "failed_requests", "cache_hits", "billed_cost"),
)


class Truth:
    """Takes every attempt once; call `close` at last."""

    def __init__(self, folder: Path, company: Company, *, per_request: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._owned = {} if company.untagged else features_of_team(company)
        self._rows: list[tuple[Any, ...]] = []
        self._schema = pa.schema(list(COLUMNS.items()))
        self._writer = (
            pq.ParquetWriter(folder / "requests.parquet", self._schema, compression="zstd")
            if per_request
            else None
        )
        # (requests, failed, cache hits, pico-dollars) by the other columns of daily.csv
        self._daily: dict[tuple[Any, ...], list[int]] = {}

    def add(self, attempt: Attempt, costs: Tokens) -> None:
        """`costs`: pico-dollars by meter."""
        expected = self._expected_feature(attempt)
        billed = sum(costs)
        owner = (attempt.feature.feature_id, expected, attempt.feature.team.team_id, attempt.tier)
        deployment = attempt.deployment
        name = (attempt.usage_day, *owner, deployment.provider, deployment.model)
        sums = self._daily.get(name)
        if sums is None:
            sums = self._daily[name] = [0, 0, 0, 0]
        sums[0] += 1
        sums[1] += attempt.outcome == "failure"
        sums[2] += attempt.outcome == "cache_hit"
        sums[3] += billed
        if self._writer is not None:
            self._rows.append(_row(attempt, expected, costs, billed))
            if len(self._rows) >= ROWS_PER_GROUP:
                self._write_rows()

    def close(self) -> None:
        if self._writer is not None:
            self._write_rows()
            self._writer.close()
        with (self._folder / "daily.csv").open("w", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(DAILY_COLUMNS)
            for (day, *owner), sums in sorted(self._daily.items()):
                *counts, pico = sums
                writer.writerow((_date(day), *owner, *counts, dollars(pico)))

    def _expected_feature(self, attempt: Attempt) -> str:
        fault = attempt.tag_fault
        if fault in ("without_feature", "without_any_tag"):
            owned = self._owned.get(attempt.feature.team.team_id, [])
            return owned[0] if len(owned) == 1 else UNALLOCATED
        if fault == "unknown_spelling":
            return str(attempt.tag_feature)
        return attempt.feature.feature_id

    def _write_rows(self) -> None:
        if self._rows and self._writer is not None:
            columns = [
                _column(values, kind)
                for values, kind in zip(
                    zip(*self._rows, strict=True), COLUMNS.values(), strict=True
                )
            ]
            self._writer.write_table(pa.table(columns, schema=self._schema))
            self._rows = []


def _row(attempt: Attempt, expected: str, costs: Tokens, billed: int) -> tuple[Any, ...]:
    feature, deployment, sub = attempt.feature, attempt.deployment, attempt.deployment.sub_account
    return (
        attempt.request_id,
        attempt.call_id,
        attempt.started,
        attempt.ended,
        attempt.usage_day,
        feature.feature_id,
        expected,
        feature.team.team_id,
        attempt.tier,
        attempt.plan,
        attempt.key.environment,
        attempt.customer_id,
        attempt.key.alias,
        deployment.deployment_id,
        sub.provider,
        sub.account,
        sub.sub_account_id,
        deployment.credential_id,
        deployment.model,
        deployment.bill_model,
        attempt.service_tier,
        attempt.outcome,
        attempt.role,
        attempt.http_status,
        attempt.batched_requests,
        *attempt.logged,
        *attempt.metered,
        attempt.reasoning,
        *costs,
        billed,
        not attempt.tag_fault,
        attempt.tag_fault,
        attempt.delivered_twice,
        attempt.delivered_late,
    )


def _column(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    if kind != MONEY:
        return pa.array(values, kind)
    # Whole pico-dollars have the bits of dollars with twelve decimals.
    pico = pa.array(values, pa.int64()).cast(pa.decimal128(38, 0))
    return pa.Array.from_buffers(MONEY, len(pico), pico.buffers())


def _date(day: int) -> date:
    return EPOCH + timedelta(days=day)
