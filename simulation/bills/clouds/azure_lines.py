"""The lines of an Azure bill, whatever its dataset: meters by day, and what is no tokens."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from simulation.bills.clouds.months import moment
from simulation.bills.clouds.usage_lines import Grain, UsageLine, quantity, usage_lines
from simulation.bills.ledger import Ledger, OtherCharge
from simulation.company.catalog import SubAccount
from simulation.company.provider_prices import METERS
from simulation.company.random_names import uuid_text

TOKENS_OF_UNIT: Final = 1000
KINDS: Final = {"refund": "Refund", "rounding": "RoundingAdjustment"}
DIRECTIONS: Final = {"input": "Inp", "cache_read": "cchd Inp", METERS[-1]: "Outp"}


@dataclass(frozen=True, slots=True)
class Service:
    """As Azure sorts what it sells: category, subcategory, family, resource provider, kind."""

    category: str
    subcategory: str
    family: str
    consumed: str
    resource_kind: str


OPENAI: Final = Service(
    *("Cognitive Services", "Azure OpenAI", "AI + Machine Learning"),
    *("Microsoft.CognitiveServices", "accounts"),
)
# line_item of a foreign charge -> what it is, its meter and unit
FOREIGN: Final = {
    "vm": (
        Service(
            *("Virtual Machines", "Dsv5 Series", "Compute"),
            *("Microsoft.Compute", "virtualMachines"),
        ),
        *("D2s v5", "1 Hour"),
    ),
    "blob": (
        Service(
            *("Storage", "Tiered Block Blob", "Storage"), *("Microsoft.Storage", "storageAccounts")
        ),
        *("Hot LRS Data Stored", "1 GB/Month"),
    ),
    "content_safety": (
        # a sibling of Azure OpenAI that bills no tokens of a language model
        Service(
            *("Cognitive Services", "Content Safety", "AI + Machine Learning"),
            *("Microsoft.CognitiveServices", "accounts"),
        ),
        *("S0 Text Records", "1K"),
    ),
}


@dataclass(frozen=True, slots=True)
class AzureLine:
    """`kind` is the ChargeType, `quantity` counts units of `unit`."""

    day: date
    kind: str
    sub_account: SubAccount
    service: Service
    meter: str
    unit: str
    quantity: str
    list_pico: int
    pico: int
    resource: str
    region: str

    @property
    def meter_id(self) -> str:
        return _uuid(f"meter {self.meter}")

    @property
    def product(self) -> str:
        return f"{self.service.subcategory} - {self.meter} - {self.region}"


def azure_lines(ledger: Ledger) -> Iterator[AzureLine]:
    for line in usage_lines(ledger, "azure", Grain(hours=False)):
        yield _usage(line)
    for other in ledger.other_charges:
        if other.sub_account.provider == "azure":
            yield _foreign(other) if other.kind == "foreign" else _other(other)


def meter_name(line: UsageLine) -> str:
    batch = "Batch " if line.service_tier == "batch" else ""
    return f"{line.deployment.bill_model} {batch}{DIRECTIONS[line.meter]} glbl Tokens"


def _usage(line: UsageLine) -> AzureLine:
    place = line.deployment.cloud
    return AzureLine(
        *(moment(line.start).date(), "Usage", line.deployment.sub_account, OPENAI),
        *(meter_name(line), "1K", quantity(line.tokens, TOKENS_OF_UNIT)),
        *(line.list_pico, line.pico),
        *((place.resource, place.region) if place else ("", "")),
    )


def _foreign(other: OtherCharge) -> AzureLine:
    service, meter, unit = FOREIGN[other.line_item]
    return AzureLine(
        *(other.day, "Usage", other.sub_account, service, meter, unit),
        f"{other.quantity}",
        *(other.pico, other.pico),
        *(_resource(other.sub_account, service, "shared"), "swedencentral"),
    )


def _other(other: OtherCharge) -> AzureLine:
    place = other.of.cloud if other.of else None
    resource = _resource(other.sub_account, OPENAI, f"oai-{other.sub_account.name}-swc")
    return AzureLine(
        *(other.day, KINDS.get(other.kind, "Usage"), other.sub_account, OPENAI),
        *(other.line_item, other.quantity_unit, f"{other.quantity}"),
        *(other.pico, other.pico),
        place.resource if place else resource,
        "swedencentral",
    )


def _resource(sub: SubAccount, service: Service, name: str) -> str:
    group = f"/subscriptions/{sub.sub_account_id}/resourceGroups/rg-ai-{sub.name}"
    return f"{group}/providers/{service.consumed}/{service.resource_kind}/{name}"


def _uuid(text: str) -> str:
    return uuid_text(hashlib.sha256(text.encode()).hexdigest()[:32])
