"""Which formats a workspace may name, and the keys that their entries take beyond the common ones.

A new reader adds its line here; the reader itself stands in `gateways/` or `bills/`.
"""

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    from ingestion.gateways.usage_semantics import UsageSemantics
    from ingestion.records import Parsed
    from ingestion.workspace import Bill, Gateway

GATEWAY_OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "generic": (
        "columns",
        "timestamp_format",
        "timezone",
        "latency_unit",
        "tokens_inclusive_of_cache",
        "tokens_inclusive_of_reasoning",
        "tokens_inclusive_of_audio_and_images",
        "total_inclusive_of_cache",
        "total_inclusive_of_reasoning",
        "provider",
        "delimiter",
    ),
    "litellm": (),
}

BILL_OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "anthropic": (),
    "openai": (),
}

# Bounds of every pull, keys of any bill's `api:`: what holds without them, and what they count.
LIMITS: Final = {
    "max_pages": (10_000, "pages of one report"),
    "max_page_seconds": (300, "seconds until an answer has ended"),
    "max_page_mb": (64, "megabytes of one answer"),
    "max_seconds": (7_200, "seconds of one pull, waits included"),
    "max_pull_mb": (2_000, "megabytes of one pull"),
}

# Keys of a bill's `api:` beyond base_url, key and these.
API_OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "anthropic": (),
    "openai": (),
}


class GatewayReader(Protocol):
    __name__: str
    READER_VERSION: str

    def usage_semantics(self, gateway: "Gateway") -> "UsageSemantics":
        """What the token counts of this gateway's log contain."""

    def read_object(self, data: bytes, name: str, gateway: "Gateway") -> "Parsed": ...


class BillReader(Protocol):
    READER_VERSION: str

    def read_bill(self, objects: Mapping[str, bytes], bill: "Bill") -> dict[str, "Parsed"]: ...


def gateway_reader(log_format: str) -> GatewayReader:
    """The reader of a log format; imported late, because readers import the workspace."""
    return cast(GatewayReader, importlib.import_module(f"ingestion.gateways.{log_format}"))


def reader_version(log_format: str) -> str:
    """As batches name it."""
    return f"{log_format} {gateway_reader(log_format).READER_VERSION}"


def bill_reader(bill_format: str) -> BillReader:
    return cast(BillReader, importlib.import_module(f"ingestion.bills.{bill_format}"))
