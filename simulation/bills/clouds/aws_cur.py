"""AWS's Cost and Usage Report 2.0 as a data export: hourly, with resources, principals and tags."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from simulation.bills.clouds.aws_export import write_aws_export
from simulation.bills.clouds.aws_lines import AwsLine, aws_lines
from simulation.bills.clouds.months import (
    MARKETPLACE,
    billed_months,
    first_day,
    first_hour,
    invoice_number,
    moment,
    next_month,
)
from simulation.bills.ledger import Ledger
from simulation.company.provider_prices import dollars

EXPORT: Final = "tollbook-cur"
TEXTS: Final = (
    *("identity_line_item_id", "identity_time_interval", "bill_invoice_id", "bill_bill_type"),
    *("bill_billing_entity", "bill_invoicing_entity", "bill_payer_account_id"),
    *("bill_payer_account_name", "line_item_usage_account_id", "line_item_usage_account_name"),
    *("line_item_line_item_type", "line_item_product_code", "line_item_usage_type"),
    *("line_item_operation", "line_item_resource_id", "line_item_iam_principal"),
    *("line_item_line_item_description", "line_item_currency_code", "line_item_legal_entity"),
    *("line_item_tax_type", "pricing_unit", "pricing_term", "pricing_currency"),
    *("product_region_code", "product_servicecode", "product_product_family"),
)
DOUBLES: Final = (
    *("line_item_usage_amount", "line_item_unblended_rate", "line_item_unblended_cost"),
    *("line_item_net_unblended_rate", "line_item_net_unblended_cost", "line_item_blended_cost"),
    *("pricing_public_on_demand_cost", "pricing_public_on_demand_rate"),
)
TIMES: Final = (
    *("bill_billing_period_start_date", "bill_billing_period_end_date"),
    *("line_item_usage_start_date", "line_item_usage_end_date"),
)
MAPS: Final = ("resource_tags", "product", "discount", "cost_category")
SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in TEXTS),
        *((name, pa.float64()) for name in DOUBLES),
        *((name, pa.timestamp("ms", tz="UTC")) for name in TIMES),
        *((name, pa.map_(pa.string(), pa.string())) for name in MAPS),
    ]
)
Row = dict[str, Any]


def write_aws_cur(folder: Path, ledger: Ledger, days: Sequence[date], delivery: int = 0) -> None:
    months: dict[str, list[Row]] = {month: [] for month in billed_months(days)}
    for line in aws_lines(ledger):
        month = f"{moment(line.start):%Y-%m}"
        months[month].append(_row(line, month, len(months[month])))
    for month, rows in months.items():
        write_aws_export(folder, EXPORT, month, SCHEMA, rows, delivery)


def _row(line: AwsLine, month: str, number: int) -> Row:
    start, end = moment(line.start), moment(line.end)
    sold = line.sold_by == MARKETPLACE
    period = {
        "bill_billing_period_start_date": _midnight(first_day(month)),
        "bill_billing_period_end_date": _midnight(next_month(month)),
        "line_item_usage_start_date": start,
        "line_item_usage_end_date": end,
    }
    return {
        **_texts(line),
        **period,
        **_amounts(line),
        "identity_line_item_id": f"{month}-{number:08d}",
        "identity_time_interval": f"{start:%Y-%m-%dT%H:00:00Z}/{end:%Y-%m-%dT%H:00:00Z}",
        "bill_invoice_id": invoice_number(line.sub_account.account, month, line.sold_by),
        "bill_bill_type": "Refund" if line.kind == "Refund" else "Anniversary",
        "bill_billing_entity": "AWS Marketplace" if sold else "AWS",
        "resource_tags": _pairs(line.tags),
        "product": _pairs({"product_name": line.product_name, "region": line.region}),
        "discount": _pairs(_discounts(line)),
        "cost_category": [],
    }


def _texts(line: AwsLine) -> Row:
    sub = line.sub_account
    return {
        "bill_invoicing_entity": "Amazon Web Services, Inc.",
        "bill_payer_account_id": sub.account,
        "bill_payer_account_name": "payer",
        "line_item_usage_account_id": sub.sub_account_id,
        "line_item_usage_account_name": sub.name,
        "line_item_line_item_type": line.kind,
        "line_item_product_code": line.product_code,
        "line_item_usage_type": line.usage_type,
        "line_item_operation": line.operation,
        "line_item_resource_id": line.resource or None,
        "line_item_iam_principal": line.principal or None,
        "line_item_line_item_description": line.description,
        "line_item_currency_code": "USD",
        "line_item_legal_entity": "Amazon Web Services, Inc.",
        "line_item_tax_type": "USSalesTax" if line.kind == "Tax" else None,
        "pricing_unit": line.unit or None,
        "pricing_term": "OnDemand" if line.kind == "Usage" else None,
        "pricing_currency": "USD",
        "product_region_code": line.region,
        "product_servicecode": line.product_code,
        "product_product_family": None,
    }


def _amounts(line: AwsLine) -> Row:
    """Money as AWS has it: doubles, each the nearest to an exact amount."""
    quantity = float(line.quantity)
    amounts = {
        "line_item_usage_amount": quantity,
        "line_item_unblended_cost": _double(line.unblended_pico),
        "line_item_net_unblended_cost": _double(line.net_pico),
        "line_item_blended_cost": _double(line.unblended_pico),
        "pricing_public_on_demand_cost": _double(line.list_pico),
    }
    if line.kind == "Usage" and quantity:
        rate = amounts["line_item_unblended_cost"] / quantity
        net = amounts["line_item_net_unblended_cost"] / quantity
        amounts |= {"line_item_unblended_rate": rate, "pricing_public_on_demand_rate": rate}
        amounts["line_item_net_unblended_rate"] = net
    return amounts


def _midnight(day: date) -> datetime:
    return moment(first_hour(day))


def _double(pico: int) -> float:
    return float(dollars(pico))


def _discounts(line: AwsLine) -> dict[str, str]:
    taken = line.net_pico - line.list_pico
    return {"edp_discount": dollars(taken)} if line.kind == "Usage" and taken else {}


def _pairs(values: dict[str, str]) -> Iterable[tuple[str, str]]:
    return list(values.items())
