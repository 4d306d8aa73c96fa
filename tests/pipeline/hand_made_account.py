"""A hand-made billing account: what its log has and what its bill says."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from random_cases import Row

from tests.rating.rated_requests import instant

DAY = "2026-10-01"
MODEL = {"openai": "gpt-4o", "anthropic": "claude-opus-4-5"}


@dataclass
class Account:
    """One billing account of one provider, with a log and a bill of its own.

    A key is `k1` on both sides unless said otherwise. `pulls` numbers when a bill row was pulled.
    """

    name: str
    provider: str = "openai"
    requests: list[Row] = field(default_factory=list)
    charges: list[Row] = field(default_factory=list)
    usage: list[Row] = field(default_factory=list)
    empty: list[Row] = field(default_factory=list)

    def logged(self, at: str, tokens: int | None, **columns: Any) -> "Account":
        key = f"{self.name}/{len(self.requests)}"
        moment = instant(at)
        self.requests.append(
            {
                "source": f"log-{self.name}",
                "batch": 1,
                "object_no": 0,
                **dict.fromkeys(("request_key", "request_id", "content_hash"), key),
                "provider": self.provider,
                "model_requested": MODEL[self.provider],
                "started_at": moment,
                "ended_at": moment,
                "service_tier": "standard",
                "tokens_estimated": False,
                "status": "success",
                "evidence_rank": 2,
                "attributes": '{"tags": {}}',
                "account_hint": self.name,
                "credential_hint": "k1",
                "input_quantity": tokens,
            }
            | columns
        )
        return self

    def billed(
        self,
        day: str,
        money: str,
        tokens: str | int | None = None,
        *,
        end: str | None = None,
        pull: int = 1,
        **columns: Any,
    ) -> "Account":
        self.charges.append(
            {
                **self._bucket("costs", day, end, pull),
                "charge_description": "input",
                "charge_category": "Usage",
                "charge_kind": "tokens",
                "model": MODEL[self.provider],
                "meter": "input",
                "credential_id": "k1" if self.provider == "openai" else None,
                "service_tier": "standard",
                "context_band": "base",
                "consumed_quantity": None if tokens is None else Decimal(tokens),
                "consumed_unit": None if tokens is None else "tokens",
                "billed_cost_in_billing_currency": Decimal(money),
                "billing_currency": "USD",
                "raw_row": f'{{"line": {len(self.charges)}}}',
            }
            | columns
        )
        return self

    def reported(
        self, day: str, credential: str, tokens: int, *, end: str | None = None, **columns: Any
    ) -> "Account":
        """A row of the provider's own usage report."""
        self.usage.append(
            {
                **self._bucket("usage_messages", day, end, 1),
                "credential_id": credential,
                "model": MODEL[self.provider],
                "meter": "input",
                "service_tier": "standard",
                "context_band": "base",
                "quantity": tokens,
                "raw_row": "{}",
            }
            | columns
        )
        return self

    def emptied(self, day: str, *, pull: int) -> "Account":
        """A pull that says that nothing was billed on a day."""
        self.empty.append(self._bucket("costs", day, None, pull))
        return self

    def buckets(self) -> Iterator[Row]:
        """Every period of every pull once, with its number of rows."""
        counted: dict[str, Row] = {}
        for row, count in (
            *((row, 1) for row in (*self.charges, *self.usage)),
            *((row, 0) for row in self.empty),
        ):
            bucket = {name: row[name] for name in self._bucket("", DAY, None, 1)}
            found = counted.setdefault(repr(bucket), {**bucket, "row_count": 0})
            found["row_count"] += count
        for bucket in counted.values():
            pulled = datetime(2027, 1, bucket["batch"], tzinfo=UTC)
            yield {**bucket, "pull_id": f"p{bucket['batch']}", "pulled_at": pulled, "record_no": 0}

    def _bucket(self, report: str, start: str, end: str | None, pull: int) -> Row:
        begin = instant(start)
        return {
            "source": f"bill-{self.name}",
            "batch": pull,
            "object_no": len(report),
            "provider": self.provider,
            "billing_account": self.name,
            "report": report,
            "grouping": "line_item",
            "bucket_start": begin,
            "bucket_end": instant(end) if end else begin + timedelta(days=1),
        }
