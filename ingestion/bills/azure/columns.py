"""Columns of Azure's cost details under one name: those of 2025, and earlier spellings."""

import re
from typing import Final

NEEDED: Final = ("Cost", "BillingCurrency", "Date", "MeterCategory", "MeterName")
_COLUMNS: Final = (
    *NEEDED,
    *("BillingAccountId", "BillingPeriodStartDate", "ChargeType", "ConsumedService"),
    *("InvoiceId", "MeterSubCategory", "Product", "ProductOrderName", "PublisherName"),
    *("PublisherType", "Quantity", "ReservationId", "ReservationName", "ResourceId"),
    *("ResourceLocation", "SubscriptionId", "SubscriptionGuid", "SubscriptionName"),
    "UnitOfMeasure",
)
# Names that stand instead of the one of today, never beside it.
_EARLIER: Final = {
    "costinbillingcurrency": "Cost",
    "pretaxcost": "Cost",
    "billingcurrencycode": "BillingCurrency",
    "currency": "BillingCurrency",
    "usagedate": "Date",
    "usagedatetime": "Date",
    "usagequantity": "Quantity",
    "consumedquantity": "Quantity",
    "productname": "Product",
    "instanceid": "ResourceId",
}
_KNOWN: Final = {**{name.lower(): name for name in _COLUMNS}, **_EARLIER}


def column(name: str) -> str:
    """`meterSubcategory` is MeterSubCategory; a column of a file's own stays as it is."""
    return _KNOWN.get(re.sub(r"[\s_]", "", name).lower(), name)
