"""Azure's ActualCost dataset: meters by day and resource, in units of a thousand tokens."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from simulation.bills.clouds.azure_export import Dataset, write_azure_export
from simulation.bills.clouds.azure_lines import AzureLine, azure_lines
from simulation.bills.clouds.months import billed_months, first_day, next_month
from simulation.bills.clouds.unit_price import unit_price
from simulation.bills.ledger import Ledger
from simulation.company.provider_prices import dollars

COLUMNS: Final = (
    *("BillingAccountId", "BillingAccountName", "BillingPeriodStartDate", "BillingPeriodEndDate"),
    *("BillingProfileId", "BillingProfileName", "AccountOwnerId", "AccountName"),
    *("SubscriptionId", "SubscriptionName", "Date", "Product", "PartNumber", "MeterId"),
    *("ServiceFamily", "MeterCategory", "MeterSubCategory", "MeterRegion", "MeterName"),
    *("Quantity", "EffectivePrice", "Cost", "UnitPrice", "BillingCurrency", "ResourceLocation"),
    *("AvailabilityZone", "ConsumedService", "ResourceId", "ResourceName", "ServiceInfo1"),
    *("ServiceInfo2", "AdditionalInfo", "Tags", "InvoiceSectionId", "InvoiceSection"),
    *("CostCenter", "UnitOfMeasure", "ResourceGroup", "ReservationId", "ReservationName"),
    *("ProductOrderId", "ProductOrderName", "OfferId", "IsAzureCreditEligible", "Term"),
    *("PublisherName", "PlanName", "ChargeType", "Frequency", "PublisherType"),
)
DATASET: Final = Dataset("tollbook-actual", "ActualCost", "2025-04-01", COLUMNS, gzipped=False)
TAG: Final = '"environment": "%s"'  # a JSON object without its braces


def write_azure_actual(
    folder: Path, ledger: Ledger, days: Sequence[date], delivery: int = 0
) -> None:
    months: dict[str, list[dict[str, str]]] = {month: [] for month in billed_months(days)}
    for line in azure_lines(ledger):
        months[f"{line.day:%Y-%m}"].append(_row(line))
    for month, rows in months.items():
        write_azure_export(folder, DATASET, month, rows, delivery)


def _row(line: AzureLine) -> dict[str, str]:
    sub, service = line.sub_account, line.service
    month = f"{line.day:%Y-%m}"
    last = next_month(month).toordinal() - 1
    return {
        "BillingAccountId": sub.account,
        "BillingAccountName": "Enrolment",
        "BillingPeriodStartDate": _american(first_day(month)),
        "BillingPeriodEndDate": _american(date.fromordinal(last)),
        "SubscriptionId": sub.sub_account_id or "",
        "SubscriptionName": f"ai-{sub.name}",
        "Date": _american(line.day),
        "Product": line.product,
        "MeterId": line.meter_id,
        "ServiceFamily": service.family,
        "MeterCategory": service.category,
        "MeterSubCategory": service.subcategory,
        "MeterRegion": "",
        "MeterName": line.meter,
        "Quantity": line.quantity,
        "EffectivePrice": unit_price(line.pico, line.quantity),
        "Cost": dollars(line.pico),
        "UnitPrice": unit_price(line.list_pico, line.quantity),
        "BillingCurrency": "USD",
        "ResourceLocation": line.region,
        "ConsumedService": service.consumed,
        "ResourceId": line.resource,
        "ResourceName": line.resource.rpartition("/")[2],
        "Tags": TAG % sub.name,
        "UnitOfMeasure": line.unit,
        "ResourceGroup": f"rg-ai-{sub.name}",
        "IsAzureCreditEligible": "True",
        "PublisherName": "Microsoft",
        "ChargeType": line.kind,
        "Frequency": "UsageBased" if line.kind == "Usage" else "OneTime",
        "PublisherType": "Azure",
    }


def _american(day: date) -> str:
    return f"{day:%m/%d/%Y}"
