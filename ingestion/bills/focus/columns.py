"""Columns of FOCUS 1.0 to 1.5 under one name, however a file spells them."""

import re
from typing import Final

# What a file of charges has in every version; who provides has a column of each version.
NEEDED: Final = (
    *("BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart"),
    *("ChargeCategory", "ChargePeriodStart", "ChargePeriodEnd", "ServiceName"),
)
_COLUMNS: Final = (
    *NEEDED,
    *("BillingPeriodEnd", "ChargeClass", "ChargeDescription", "CommitmentDiscountStatus"),
    *("ConsumedQuantity", "ConsumedUnit", "PricingQuantity", "PricingUnit"),
    # 1.3 calls them otherwise, and 1.4 has lost the first two
    *("ProviderName", "PublisherName", "ServiceProviderName", "HostProviderName"),
    *("InvoiceId", "InvoiceIssuerName", "RegionId", "ResourceId"),
    *("ServiceCategory", "ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceDetails"),
    *("SubAccountId", "SubAccountName"),
    # 1.5
    *("CredentialId", "PrincipalId"),
    # columns of AWS's and Microsoft's own that tell a service or a meter
    *("x_UsageType", "x_ServiceCode"),
    *("x_SkuMeterCategory", "x_SkuMeterSubcategory", "x_SkuMeterName", "x_SkuOrderName"),
    *("x_SkuDescription", "x_PricingUnitDescription", "x_PricingBlockSize", "x_BillingAccountId"),
)
# What 1.5 says of a model, in SkuPriceDetails or before it in columns of a vendor's own.
DETAILS: Final = (
    *("ModelId", "Model", "ModelName", "TokenDirection", "TokenCacheAction", "CacheTtl"),
    *("Modality", "ServiceTier", "ContextBand", "ContextWindow"),
)
# Of 1.5; before it in columns of a vendor's own.
KEYS: Final = ("CredentialId", "PrincipalId")


def folded(name: str) -> str:
    return re.sub(r"[\s_]", "", name).lower()


_KNOWN: Final = {
    folded(name): name for name in (*_COLUMNS, *(f"x_{name}" for name in (*DETAILS, *KEYS)))
}


def column(name: str) -> str:
    """`billed_cost` and `billedCost` are BilledCost; a column of a file's own stays as it is."""
    return _KNOWN.get(folded(name), name)
