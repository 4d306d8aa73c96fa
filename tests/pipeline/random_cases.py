"""Small random companies, each with a billing account of its own."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

Row = dict[str, Any]

FIRST_DAY = datetime(2026, 10, 1, tzinfo=UTC)
DAYS = 3
MODELS = ("gpt-4o", "gpt-4o-mini")
METERS = ("input", "cache_read", "output")
TIERS = ("standard", "standard", "standard", "batch")
OWNERS = {"feature": ("f1", "f2"), "team": ("t1", "t2"), "tier": ("free", "paid")}


@dataclass
class Case:
    """One account's requests and bill rows; its number alone decides them."""

    number: int
    requests: list[Row] = field(default_factory=list)
    charges: list[Row] = field(default_factory=list)

    @property
    def account(self) -> str:
        return f"org-{self.number}"

    @property
    def bill(self) -> str:
        return f"bill-{self.number}"


def make_case(number: int) -> Case:
    case, rng = Case(number), Random(f"case {number}")
    # keys that a side may not know
    credentials = rng.choice([("k1", "k2"), ("k1", "k2", None), (None,)])
    projects = rng.choice([("p1",), ("p1", "p2", None), (None,)])
    for index in range(rng.randint(0, 7)):
        case.requests.append(_request(case, rng, index, credentials, projects))
    for index in range(rng.randint(0, 7)):
        case.charges.append(_charge(case, rng, index, credentials, projects))
    for charge in list(case.charges):
        if rng.random() < 0.15 and (charge["consumed_quantity"] or 0) > 0:
            case.charges.append(_reversal(case, rng, charge))
    return case


def _request(case: Case, rng: Random, index: int, credentials: Any, projects: Any) -> Row:
    hour = rng.choice([0, 0, 1, 9, 13, 22, 23, 23])
    start = FIRST_DAY + timedelta(days=rng.randrange(DAYS), hours=hour, minutes=rng.randrange(60))
    key = f"{case.account}/{index}"
    quantities = {f"{meter}_quantity": rng.choice([None, 0, 1, 7, 40, 90]) for meter in METERS}
    return {
        "source": f"log-{case.number}",
        "content_hash": key,
        "request_key": key,
        "request_id": key,
        "started_at": start,
        "ended_at": start + timedelta(minutes=rng.choice([1, 90])),
        "provider": "openai",
        "account_hint": case.account,
        "sub_account_hint": rng.choice(projects),
        "credential_hint": rng.choice(credentials),
        "model_requested": rng.choice(MODELS),
        "tokens_estimated": False,
        "service_tier": rng.choice(TIERS),
        "status": rng.choice(["success", "success", "success", "failure"]),
        "evidence_rank": 2,
        "attributes": json.dumps({"tags": _tags(rng)}),
        **quantities,
    }


def _charge(case: Case, rng: Random, index: int, credentials: Any, projects: Any) -> Row:
    start = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
    tokens = rng.random() < 0.9
    sign = -1 if rng.random() < 0.1 else 1
    return {
        "source": case.bill,
        **bucket(case, start),
        "sub_account_id": rng.choice((*projects, "p9")),
        "credential_id": rng.choice((*credentials, "k9")),
        "charge_description": f"line {index}",
        "charge_category": "Usage",
        "charge_kind": "tokens" if tokens else "tool",
        "model": rng.choice(MODELS) if tokens else None,
        "meter": rng.choice(METERS) if tokens else None,
        "service_tier": rng.choice(TIERS) if tokens else None,
        "context_band": "base" if tokens else None,
        "consumed_quantity": Decimal(rng.choice([0, 1, 3, 40, 97, 130])) if tokens else None,
        "consumed_unit": "tokens" if tokens else None,
        "billed_cost_in_billing_currency": Decimal(sign * rng.randrange(10**9)).scaleb(-12),
        "billing_currency": "USD",
        "raw_row": f'{{"line":{index}}}',
    }


def _reversal(case: Case, rng: Random, charge: Row) -> Row:
    """Takes a line back, whole or in part, on its own day or a later one of the account."""
    day = rng.randrange((charge["bucket_start"] - FIRST_DAY).days, DAYS)
    whole = rng.random() < 0.6
    money, quantity = charge["billed_cost_in_billing_currency"], charge["consumed_quantity"]
    back = money if whole else (money / 3).quantize(Decimal("1e-12"))
    return {
        **charge,
        **bucket(case, FIRST_DAY + timedelta(days=day)),
        "consumed_quantity": -(quantity if whole else Decimal(1)),
        "billed_cost_in_billing_currency": -abs(back),
        "raw_row": charge["raw_row"].replace("line", "back"),
    }


def _tags(rng: Random) -> dict[str, str]:
    """Some requests do not say whose they are."""
    return {name: rng.choice(values) for name, values in OWNERS.items() if rng.random() < 0.8}


def bucket(case: Case, start: datetime) -> Row:
    return {
        "provider": "openai",
        "billing_account": case.account,
        "report": "costs",
        "grouping": "line_item",
        "bucket_start": start,
        "bucket_end": start + timedelta(days=1),
    }
