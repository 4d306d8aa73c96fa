"""Small random companies, each with a billing account of its own."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

Row = dict[str, Any]

# the last two days of a month and the first of the next
FIRST_DAY = datetime(2026, 10, 30, tzinfo=UTC)
DAYS = 3
MODELS = ("gpt-4o", "gpt-4o-mini")
METERS = ("input", "cache_read", "cache_write_5m", "output")
TIERS = ("standard", "standard", "standard", "batch", None)
# prices of the models are others above it, so a request above it is of context band `long`
LONG_ABOVE = 150
BANDS = ("base", "base", "base", "base", "long", None)
REGIONS = (None, None, None, "us", "eu")
# now and then no number of tokens
QUANTITIES = (*(0, 1, 3, 40, 97, 130) * 4, "97.5")
# minutes that a day of the provider's calendar begins after the UTC day
CALENDARS = (0, 0, 0, -120, 420, -330)
OWNERS = {"feature": ("f1", "f2"), "team": ("t1", "t2"), "tier": ("free", "paid")}


@dataclass
class Case:
    """One account's requests and bill rows; its number alone decides them."""

    number: int
    # days of what calendar the bill has, or hours of UTC
    begins: timedelta = timedelta(0)
    width: timedelta = timedelta(days=1)
    # says how much of a meter was used, or a usage report beside it does, or nobody
    measured: str = "bill"
    # where all have the same model, tier and region, many lines and requests meet
    models: tuple[str, ...] = MODELS[:1]
    meters: tuple[str, ...] = METERS[:2]
    tiers: tuple[str | None, ...] = ("standard",)
    bands: tuple[str | None, ...] = ("base",)
    regions: tuple[str | None, ...] = (None,)
    requests: list[Row] = field(default_factory=list)
    charges: list[Row] = field(default_factory=list)
    usage: list[Row] = field(default_factory=list)
    invoices: list[Row] = field(default_factory=list)

    @property
    def account(self) -> str:
        return f"org-{self.number}"

    @property
    def bill(self) -> str:
        return f"bill-{self.number}"


def make_case(number: int) -> Case:
    case, rng = Case(number), Random(f"case {number}")
    case.begins = timedelta(minutes=rng.choice(CALENDARS))
    case.measured = rng.choice(["bill", "bill", "bill", "bill", "report", "nobody"])
    if case.measured == "bill" and rng.random() < 0.15:
        case.begins, case.width = timedelta(0), timedelta(hours=1)
    if rng.random() < 0.5:
        case.models, case.meters = MODELS, METERS
        case.tiers, case.bands, case.regions = TIERS, BANDS, REGIONS
    # keys that a side may not know
    credentials = rng.choice([("k1", "k2"), ("k1", "k2", None), (None,)])
    projects = rng.choice([("p1",), ("p1", "p2", None), (None,)])
    for index in range(rng.randint(0, 7)):
        case.requests.append(_request(case, rng, index, credentials, projects))
    for index in range(rng.randint(0, 7)):
        case.charges.append(_charge(case, rng, index, credentials, projects))
    for charge in list(case.charges):
        if case.measured == "report" and is_named(charge) and rng.random() < 0.8:
            case.usage += _usage(rng, charge)
        if rng.random() < 0.15 and charge["billed_cost_in_billing_currency"] > 0:
            back = _reversal(case, rng, charge)
            case.charges.append(back)
            if back["bucket_start"] == charge["bucket_start"] and rng.random() < 0.5:
                case.charges.append(_entered_again(rng, charge))
    return case


def _request(case: Case, rng: Random, index: int, credentials: Any, projects: Any) -> Row:
    hour = rng.choice([0, 0, 1, 9, 13, 22, 23, 23])
    start = FIRST_DAY + timedelta(days=rng.randrange(DAYS), hours=hour, minutes=rng.randrange(60))
    key = f"{case.account}/{index}"
    quantities = {f"{meter}_quantity": rng.choice([None, 0, 1, 7, 40, 90]) for meter in case.meters}
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
        "region": rng.choice(case.regions),
        "model_requested": rng.choice(case.models),
        "tokens_estimated": rng.random() < 0.1,
        "service_tier": rng.choice(case.tiers),
        "status": rng.choice(["success", "success", "success", "failure"]),
        "evidence_rank": 2,
        "attributes": json.dumps({"tags": _tags(rng)}),
        **quantities,
    }


def _charge(case: Case, rng: Random, index: int, credentials: Any, projects: Any) -> Row:
    kind = rng.choices(["tokens", "tool", "credit", "tax"], [88, 6, 3, 3])[0]
    tokens = kind == "tokens"
    sign = -1 if kind == "credit" or (tokens and rng.random() < 0.1) else 1
    measured = tokens and case.measured == "bill"
    # up to a thousandth of a dollar, or ten billion dollars; now and then nothing
    money = rng.choice([rng.randrange(10**9)] * 8 + [rng.randrange(10**22), 0])
    return {
        "source": case.bill,
        **bucket(case, _moment(case, rng)),
        "sub_account_id": rng.choice((*projects, "p9")),
        "credential_id": rng.choice((*credentials, "k9")) if case.measured == "bill" else None,
        "charge_description": f"line {index}",
        "charge_category": {"credit": "Credit", "tax": "Tax"}.get(kind, "Usage"),
        "charge_kind": kind,
        # some lines name no model, no meter or neither
        "model": rng.choice(case.models) if tokens and rng.random() < 0.92 else None,
        "meter": rng.choice(case.meters) if tokens and rng.random() < 0.92 else None,
        "service_tier": rng.choice(case.tiers) if tokens else None,
        "context_band": rng.choice(case.bands) if tokens else None,
        "region": rng.choice(case.regions) if tokens else None,
        "consumed_quantity": Decimal(rng.choice(QUANTITIES)) if measured else None,
        "consumed_unit": "tokens" if measured else None,
        "billed_cost_in_billing_currency": Decimal(sign * money).scaleb(-12),
        "billing_currency": "USD",
        "raw_row": f'{{"line":{index}}}',
    }


def _usage(rng: Random, charge: Row) -> list[Row]:
    """The provider's own report of what a line was for, told more finely or less than the bill."""
    keys = {
        name: rng.choice([charge[name], charge[name], charge[name], *other])
        for name, other in (
            ("sub_account_id", (None, "p1")),
            ("service_tier", (None, "batch")),
            ("context_band", (None,)),
            ("region", (None, "us")),
        )
    }
    same = ("source", "provider", "billing_account", "bucket_start", "bucket_end", "model", "meter")
    return [
        {
            **{name: charge[name] for name in same},
            **keys,
            "report": "usage",
            "grouping": "api_key_id",
            "credential_id": credential,
            "quantity": rng.choice([1, 40, 97]),
            "raw_row": "{}",
        }
        for credential in rng.sample(("k1", "k2", "k9"), k=rng.randint(1, 3))
    ]


def _reversal(case: Case, rng: Random, charge: Row) -> Row:
    """Takes a line back, whole or in part, on its own day or a later one of the account."""
    last = bucket(case, FIRST_DAY + timedelta(days=DAYS - 1))["bucket_start"]
    left = max((last - charge["bucket_start"]).days, 0)
    start = charge["bucket_start"] - case.begins + timedelta(days=rng.randint(0, left))
    whole = rng.random() < 0.6
    money, quantity = charge["billed_cost_in_billing_currency"], charge["consumed_quantity"]
    back = money if whole else (money / 3).quantize(Decimal("1e-12"))
    if quantity is not None:
        # some bills take money back and say nothing of tokens
        quantity = rng.choice([-quantity if whole else Decimal(-1), Decimal(0)])
    return {
        **charge,
        **bucket(case, start),
        "consumed_quantity": quantity,
        "billed_cost_in_billing_currency": -abs(back),
        "raw_row": charge["raw_row"].replace("line", "back"),
    }


def _entered_again(rng: Random, charge: Row) -> Row:
    """After a line was taken back: the same key, with another quantity and price."""
    quantity = charge["consumed_quantity"]
    return {
        **charge,
        "consumed_quantity": None if quantity is None else Decimal(rng.choice(QUANTITIES)),
        "billed_cost_in_billing_currency": Decimal(rng.randrange(10**9)).scaleb(-12),
        "raw_row": charge["raw_row"].replace("line", "again"),
    }


def is_named(charge: Row) -> bool:
    return None not in (charge["model"], charge["meter"])


def _moment(case: Case, rng: Random) -> datetime:
    day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
    hourly = case.width < timedelta(days=1)
    return day + timedelta(hours=rng.choice([0, 9, 22, 23])) if hourly else day


def _tags(rng: Random) -> dict[str, str]:
    """Some requests do not say whose they are."""
    return {name: rng.choice(values) for name, values in OWNERS.items() if rng.random() < 0.8}


def bucket(case: Case, start: datetime) -> Row:
    """The period of the case's bill that a day or hour of its calendar is."""
    begin = start + case.begins
    return {
        "provider": "openai",
        "billing_account": case.account,
        "report": "costs",
        "grouping": "line_item",
        "bucket_start": begin,
        "bucket_end": begin + case.width,
    }
