"""Google's detailed billing export: the rows of its table as lines of JSON or as Parquet.

Hourly, by project, SKU and labels; a credit is an element of a row's `credits`, and what comes
later is appended. `invoice.month` is Pacific, all times are UTC.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from simulation.bills.clouds.months import first_hour, moment
from simulation.bills.clouds.usage_lines import THINKING, Grain, UsageLine, usage_lines
from simulation.bills.ledger import HOURS_PER_DAY, NOON, Ledger, OtherCharge, pacific_month
from simulation.company.catalog import SubAccount
from simulation.company.provider_prices import METERS, dollars

REGION: Final = "europe-west1"
VERTEX: Final = ("C7E2-9256-1C43", "Vertex AI")
KINDS: Final = {
    "input": "Text Input - %sPredictions",
    "cache_read": "Text Input Caching",
    METERS[-1]: "Text Output - %sPredictions",
    THINKING: "Thinking Text Output - %sPredictions",
}
# line_item of a foreign charge -> service id and name, SKU, unit, pricing unit
FOREIGN: Final = {
    "compute": (
        *("6F81-5844-456A", "Compute Engine"),
        *("N2 Instance Core running in Belgium", "seconds", "hour"),
    ),
    "storage": (
        *("95FF-2EF5-5EA1", "Cloud Storage"),
        *("Standard Storage Belgium", "byte-seconds", "gibibyte month"),
    ),
    "support": ("2062-016F-44A2", "Support", "Enhanced Support", "requests", "requests"),
}
LATE: Final = timedelta(hours=5)
Row = dict[str, Any]


def write_google_jsonl(
    folder: Path, ledger: Ledger, days: Sequence[date], delivery: int = 0
) -> None:
    """A file a month of usage, as a query of the table writes it: a later one takes its place."""
    months: dict[str, list[str]] = {}
    for row in google_rows(ledger):
        text = json.dumps(row).replace('"#', "").replace('#"', "")
        months.setdefault(row["usage_start_time"][:7], []).append(text)
    folder.mkdir(parents=True, exist_ok=True)
    for month, lines in months.items():
        (folder / f"gcp_billing_export_resource_v1-{month}.jsonl").write_text(
            "\n".join(lines) + "\n"
        )


def google_rows(ledger: Ledger) -> Iterator[Row]:
    """Numbers stand between `#`: their literals, never a float."""
    credits: dict[tuple[SubAccount, date], list[OtherCharge]] = {}
    others = [other for other in ledger.other_charges if other.sub_account.provider == "google"]
    for other in others:
        if other.kind == "credit":
            credits.setdefault((other.sub_account, other.day), []).append(other)
    for line in usage_lines(ledger, "google", Grain(labels=True, thinking=True)):
        # a credit stands on the day's first row of its project
        place = line.deployment.sub_account, moment(line.start).date()
        in_its_month = pacific_month(line.start) == f"{place[1]:%Y-%m}"
        given = credits.pop(place, []) if in_its_month else []
        yield _usage(line, given)
    for other in others:
        if other.kind == "foreign":
            yield _foreign(other)
        elif other.kind != "credit":
            yield _other(other)
    for left in credits.values():
        for other in left:
            yield _row(other.sub_account, first_hour(other.day) + NOON, 1, VERTEX, "Credit", 0) | {
                "credits": [_credit(other)]
            }


def sku_description(line: UsageLine) -> str:
    words = KINDS[line.meter]
    batch = "Batch " if line.service_tier == "batch" else ""
    return f"{line.deployment.bill_model} {words % batch if '%' in words else words}"


def _usage(line: UsageLine, credits: list[OtherCharge]) -> Row:
    sub = line.deployment.sub_account
    team, environment = line.labels
    labels = [("environment", environment), ("team", team)]
    return _row(sub, line.start, 1, VERTEX, sku_description(line), line.pico) | {
        "labels": [{"key": key, "value": value} for key, value in labels if value],
        "usage": _quantity(line.tokens, "count", line.tokens, "count"),
        "credits": [_credit(other) for other in credits],
        "cost_at_list": _number(line.list_pico),
    }


def _foreign(other: OtherCharge) -> Row:
    service, name, sku, unit, pricing = FOREIGN[other.line_item]
    start = first_hour(other.day)
    row = _row(other.sub_account, start, HOURS_PER_DAY, (service, name), sku, other.pico)
    row["usage"] = _quantity(other.quantity, unit, other.quantity, pricing)
    row["resource"] = {"name": "shared", "global_name": f"//shared/{other.line_item}"}
    return row


def _other(other: OtherCharge) -> Row:
    """Of Vertex: what nobody knows, capacity by the month, a refund as an adjustment."""
    start = first_hour(other.day) + NOON if other.hour is None else other.hour
    row = _row(other.sub_account, start, 1, VERTEX, other.line_item, other.pico)
    unit = other.quantity_unit
    row["usage"] = _quantity(other.quantity, unit, other.quantity, unit)
    if other.kind == "refund":
        row["cost_type"] = "adjustment"
        row["adjustment_info"] = {
            "id": _sku_id(f"adjustment {other.day}"),
            "description": "Usage correction",
            "mode": "PARTIAL_CORRECTION",
            "type": "USAGE_CORRECTION",
        }
    return row


def _row(
    sub: SubAccount, start: int, hours: int, service: tuple[str, str], sku: str, pico: int
) -> Row:
    end = start + hours
    return {
        "billing_account_id": sub.account,
        "invoice": {"month": pacific_month(start).replace("-", ""), "publisher_type": "GOOGLE"},
        "cost_type": "regular",
        "service": {"id": service[0], "description": service[1]},
        "sku": {"id": _sku_id(sku), "description": sku},
        "usage_start_time": _time(start),
        "usage_end_time": _time(end),
        "project": {
            "id": sub.sub_account_id,
            "number": f"{int(_digest(sub.sub_account_id or '')[:9], 16)}",
            "name": sub.sub_account_id,
            "labels": [{"key": "stage", "value": sub.name}],
            "ancestry_numbers": None,
            "ancestors": [],
        },
        "labels": [],
        "system_labels": [],
        "tags": [],
        "location": {"location": REGION, "country": "BE", "region": REGION, "zone": None},
        "resource": {"name": None, "global_name": None},
        "export_time": f"{moment(end) + LATE:%Y-%m-%dT%H:%M:%SZ}",
        "cost": _number(pico),
        "currency": "USD",
        "currency_conversion_rate": "#1.0#",
        "usage": _quantity(0, "requests", 0, "requests"),
        "credits": [],
        "adjustment_info": None,
        "transaction_type": "GOOGLE",
        "seller_name": "Google",
        "cost_at_list": _number(pico),
    }


def _credit(other: OtherCharge) -> Row:
    return {
        "id": _sku_id(other.line_item),
        "name": other.line_item,
        "full_name": other.line_item,
        "type": "PROMOTION",
        "amount": _number(other.pico),
    }


def _quantity(amount: int, unit: str, priced: int, pricing_unit: str) -> Row:
    return {
        "amount": amount,
        "unit": unit,
        "amount_in_pricing_units": priced,
        "pricing_unit": pricing_unit,
    }


def _number(pico: int) -> str:
    return f"#{dollars(pico)}#"


def _time(hour: int) -> str:
    return f"{moment(hour):%Y-%m-%dT%H:%M:%SZ}"


def _sku_id(words: str) -> str:
    digits = _digest(words).upper()
    return "-".join((digits[:4], digits[4:8], digits[8:12]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
