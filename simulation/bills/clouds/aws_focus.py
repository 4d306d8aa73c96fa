"""AWS's FOCUS 1.2 table as a data export: the lines of the bill net of the discount."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from simulation.bills.clouds.aws_export import write_aws_export
from simulation.bills.clouds.aws_lines import AwsLine, aws_lines
from simulation.bills.clouds.focus_columns import AWS_OWN, FOCUS_1_2
from simulation.bills.clouds.months import (
    MARKETPLACE,
    billed_months,
    first_day,
    first_hour,
    invoice_number,
    moment,
    next_month,
)
from simulation.bills.clouds.unit_price import unit_price
from simulation.bills.ledger import Ledger
from simulation.company.provider_prices import dollars

EXPORT: Final = "tollbook-focus"
PAIRS: Final = pa.map_(pa.string(), pa.string())
MAPS: Final = ("Tags", "SkuPriceDetails", "x_CostCategories", "x_Discounts")
TIMES: Final = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
NUMBERS: Final = ("Cost", "Quantity", "UnitPrice")
CATEGORIES: Final = {
    "Usage": "Usage",
    "Refund": "Usage",
    "Fee": "Purchase",
    "Tax": "Tax",
    "Credit": "Credit",
}
SERVICE_CATEGORIES: Final = {"AmazonEC2": "Compute", "AmazonS3": "Storage"}
Row = dict[str, Any]


def _type(name: str) -> pa.DataType:
    if name in MAPS:
        return PAIRS
    if name in TIMES:
        return pa.timestamp("ms", tz="UTC")
    return pa.float64() if name.endswith(NUMBERS) else pa.string()


SCHEMA: Final = pa.schema([(name, _type(name)) for name in (*FOCUS_1_2, *AWS_OWN)])


def write_aws_focus(folder: Path, ledger: Ledger, days: Sequence[date], delivery: int = 0) -> None:
    months: dict[str, list[Row]] = {month: [] for month in billed_months(days)}
    for line in aws_lines(ledger):
        # what a discount takes off is in the cost of its line
        if line.kind != "EdpDiscount":
            month = f"{moment(line.start):%Y-%m}"
            months[month].append(_row(line, month))
    for month, rows in months.items():
        write_aws_export(folder, EXPORT, month, SCHEMA, rows, delivery)


def _row(line: AwsLine, month: str) -> Row:
    sub = line.sub_account
    sold = line.sold_by == MARKETPLACE
    return {
        **_charge(line),
        "BillingAccountId": sub.account,
        "BillingAccountName": "payer",
        "BillingAccountType": "Account",
        "BillingCurrency": "USD",
        "BillingPeriodStart": moment(first_hour(first_day(month))),
        "BillingPeriodEnd": moment(first_hour(next_month(month))),
        "InvoiceId": invoice_number(sub.account, month, line.sold_by),
        "InvoiceIssuerName": "AWS",
        "ProviderName": "AWS",
        "PublisherName": "Anthropic, PBC" if sold else "AWS",
        "RegionId": line.region,
        "RegionName": "US East (N. Virginia)",
        "ResourceId": line.resource or None,
        "ServiceCategory": SERVICE_CATEGORIES.get(line.product_code, "AI and Machine Learning"),
        "ServiceName": line.product_name,
        "SkuMeter": line.usage_type or None,
        "SubAccountId": sub.sub_account_id,
        "SubAccountName": sub.name,
        "SubAccountType": "Account",
        "Tags": list(line.tags.items()),
        "x_Operation": line.operation or None,
        "x_ServiceCode": line.product_code,
        "x_UsageType": line.usage_type or None,
    }


def _charge(line: AwsLine) -> Row:
    net, listed = float(dollars(line.net_pico)), float(dollars(line.list_pico))
    is_usage = line.kind == "Usage"
    quantity = float(line.quantity) if is_usage else None
    price = unit_price(line.list_pico, line.quantity) if is_usage else ""
    return {
        "BilledCost": net,
        "EffectiveCost": net,
        "ContractedCost": net,
        "ListCost": listed,
        "ListUnitPrice": float(price) if price else None,
        "ChargeCategory": CATEGORIES[line.kind],
        "ChargeClass": "Correction" if line.kind == "Refund" else None,
        "ChargeDescription": line.description,
        "ChargeFrequency": "Usage-Based" if is_usage else "One-Time",
        "ChargePeriodStart": moment(line.start),
        "ChargePeriodEnd": moment(line.end),
        "ConsumedQuantity": quantity,
        "ConsumedUnit": line.unit if is_usage else None,
        "PricingCategory": "Standard" if is_usage else None,
        "PricingQuantity": quantity,
        "PricingUnit": line.unit if is_usage else None,
    }
