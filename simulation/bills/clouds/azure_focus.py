"""Azure's FocusCost dataset, 1.2-preview: the lines of ActualCost under FOCUS's names."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from simulation.bills.clouds.azure_export import Dataset, write_azure_export
from simulation.bills.clouds.azure_lines import OPENAI, AzureLine, azure_lines
from simulation.bills.clouds.focus_columns import AZURE_1_2_PREVIEW
from simulation.bills.clouds.months import billed_months, first_day, next_month
from simulation.bills.clouds.unit_price import unit_price
from simulation.bills.ledger import Ledger
from simulation.company.provider_prices import dollars

DATASET: Final = Dataset(
    "tollbook-focus", "FocusCost", "1.2-preview", AZURE_1_2_PREVIEW, gzipped=True
)
CATEGORIES: Final = {"Usage": "Usage", "Refund": "Usage", "RoundingAdjustment": "Adjustment"}
SERVICES: Final = {
    "Cognitive Services": ("AI and Machine Learning", "Azure OpenAI Service"),
    "Virtual Machines": ("Compute", "Virtual Machines"),
    "Storage": ("Storage", "Storage Accounts"),
}


def write_azure_focus(
    folder: Path, ledger: Ledger, days: Sequence[date], delivery: int = 0
) -> None:
    months: dict[str, list[dict[str, str]]] = {month: [] for month in billed_months(days)}
    for line in azure_lines(ledger):
        months[f"{line.day:%Y-%m}"].append(_row(line))
    for month, rows in months.items():
        write_azure_export(folder, DATASET, month, rows, delivery)


def _row(line: AzureLine) -> dict[str, str]:
    sub = line.sub_account
    billed, listed = dollars(line.pico), dollars(line.list_pico)
    return {
        **_service(line),
        **_period(line),
        "BilledCost": billed,
        "EffectiveCost": billed,
        "ContractedCost": billed,
        "ListCost": listed,
        "x_BilledCostInUsd": billed,
        "x_EffectiveCostInUsd": billed,
        "BillingAccountId": f"/providers/Microsoft.Billing/billingAccounts/{sub.account}",
        "BillingAccountName": "Enrolment",
        "BillingAccountType": "Billing Account",
        "x_BillingAccountId": sub.account,
        "BillingCurrency": "USD",
        "PricingCurrency": "USD",
        "x_BillingExchangeRate": "1",
        "ChargeCategory": CATEGORIES[line.kind],
        "ChargeClass": "Correction" if line.kind == "Refund" else "",
        "ChargeDescription": line.product,
        "ChargeFrequency": "Usage-Based" if line.kind == "Usage" else "One-Time",
        "ContractedUnitPrice": unit_price(line.pico, line.quantity),
        "ListUnitPrice": unit_price(line.list_pico, line.quantity),
        "PricingCategory": "Standard",
        "PricingQuantity": line.quantity,
        "PricingUnit": line.unit,
        "x_PricingBlockSize": "1000" if line.unit.startswith("1K") else "1",
        "x_PricingUnitDescription": line.unit,
        "InvoiceIssuerName": "Microsoft",
        "ProviderName": "Microsoft",
        "PublisherName": "Microsoft",
        "RegionId": line.region,
        "RegionName": "Sweden Central",
        "ResourceId": line.resource.lower(),
        "ResourceName": line.resource.rpartition("/")[2],
        "SubAccountId": f"/subscriptions/{sub.sub_account_id}",
        "SubAccountName": f"ai-{sub.name}",
        "SubAccountType": "Subscription",
        "Tags": f'{{"environment":"{sub.name}"}}',
    }


def _service(line: AzureLine) -> dict[str, str]:
    """A rounding adjustment is of no service."""
    service = line.service
    category, name = SERVICES[service.category]
    if service.consumed == OPENAI.consumed and service is not OPENAI:
        name = service.subcategory
    tokens = line.meter.endswith("Tokens")
    return {
        "ServiceCategory": category,
        "ServiceName": "" if line.kind == "RoundingAdjustment" else name,
        "ServiceSubcategory": "Generative AI" if service is OPENAI else "",
        "ConsumedQuantity": line.quantity,
        "ConsumedUnit": "1K Tokens" if tokens else line.unit,
        "SkuId": line.meter_id,
        "SkuMeter": line.meter,
        "SkuPriceId": line.meter_id,
        "x_ResourceType": f"{service.consumed}/{service.resource_kind}".lower(),
        "x_SkuDescription": line.product,
        "x_SkuMeterCategory": service.category,
        "x_SkuMeterId": line.meter_id,
        "x_SkuMeterSubcategory": service.subcategory,
        "x_SkuRegion": line.region,
        "x_SkuServiceFamily": service.family,
    }


def _period(line: AzureLine) -> dict[str, str]:
    month = f"{line.day:%Y-%m}"
    return {
        "BillingPeriodStart": _midnight(first_day(month)),
        "BillingPeriodEnd": _midnight(next_month(month)),
        "ChargePeriodStart": _midnight(line.day),
        "ChargePeriodEnd": _midnight(line.day + timedelta(days=1)),
    }


def _midnight(day: date) -> str:
    return f"{day}T00:00:00Z"
