"""The formats of logs and bills: for each its reader, the keys of its entry, a bill's provider.

A new format is one line here and a module in `gateways/` or `bills/`.
"""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, cast

from ingestion.vocabulary import SEEN_FROM

if TYPE_CHECKING:
    from ingestion.bills.pages.page import PageFormat
    from ingestion.bills.tables.table_format import TableFormat
    from ingestion.reading.usage.token_counts import UsageSemantics
    from ingestion.records import Parsed
    from ingestion.workspace.sources import Bill, Gateway


# What a format's reader was tested on, the best of it: files that the software wrote; files or rows
# that others published; its documentation or schema.
REAL: Final = "real"
PUBLISHED: Final = "published"
DOCUMENTED: Final = "documented"


@dataclass(frozen=True, slots=True)
class GatewayFormat:
    """`options`: the keys that an entry of this format takes beyond those of every gateway.
    `seen_from`: where such a log sees a call, unless the entry says another place.
    `has_database`: its rows are pulled from one into its location (keys DATABASE_KEYS).
    `api_keys`: the secrets of an `api:` that can fill its location, none where there is no such;
    `api_options`: its keys beyond these, base_url, overlap_hours and LIMITS.
    `tested_on`: REAL, PUBLISHED or DOCUMENTED.
    `counts`: it tells what servers counted, and no request.
    `limits`: who says, as it does, which limits stand at it; empty where nobody can be asked.
    """

    module: str
    options: tuple[str, ...] = ()
    seen_from: str = SEEN_FROM[0]
    tested_on: str = DOCUMENTED
    has_database: bool = False
    api_keys: tuple[str, ...] = ()
    api_options: tuple[str, ...] = ()
    counts: bool = False
    limits: str = ""


@dataclass(frozen=True, slots=True)
class BillFormat:
    """`provider`: who sends such bills; None where one bill may hold several, as its rows say.
    `has_api`: an `api:` entry can pull it; `api_options`: its keys beyond base_url, key and LIMITS.
    `limits`: as of a gateway.
    """

    module: str
    provider: str | None
    options: tuple[str, ...] = ()
    has_api: bool = False
    api_options: tuple[str, ...] = ()
    # A report of what was used of seats: no bill of an account.
    of_seats: bool = False
    tested_on: str = DOCUMENTED
    limits: str = ""


GATEWAYS: Final = {
    "agentgateway": GatewayFormat("ingestion.gateways.agentgateway", options=("columns",)),
    "azure_apim": GatewayFormat("ingestion.gateways.azure_apim.reader", tested_on=PUBLISHED),
    "azure_diagnostics": GatewayFormat(
        "ingestion.gateways.azure_diagnostics", seen_from="provider", tested_on=PUBLISHED
    ),
    "claude_code": GatewayFormat("ingestion.gateways.claude_code.reader", seen_from="application"),
    "cloudflare": GatewayFormat("ingestion.gateways.cloudflare.reader", tested_on=PUBLISHED),
    "envoy": GatewayFormat("ingestion.gateways.envoy", options=("columns",)),
    "codex": GatewayFormat("ingestion.gateways.codex.reader", seen_from="application"),
    "datadog": GatewayFormat(
        "ingestion.gateways.datadog.reader",
        seen_from="application",
        tested_on=REAL,
        api_keys=("api_key", "application_key"),
    ),
    "generic": GatewayFormat(
        "ingestion.gateways.generic.reader",
        options=(
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
    ),
    "kong": GatewayFormat("ingestion.gateways.kong.reader"),
    "langfuse": GatewayFormat(
        "ingestion.gateways.langfuse.reader",
        seen_from="application",
        api_keys=("public_key", "secret_key"),
    ),
    "litellm": GatewayFormat("ingestion.gateways.litellm.reader", tested_on=REAL, limits="litellm"),
    "langsmith": GatewayFormat(
        "ingestion.gateways.langsmith.reader",
        seen_from="application",
        tested_on=REAL,
        api_keys=("key",),
        api_options=("projects",),
    ),
    "litellm_db": GatewayFormat(
        "ingestion.gateways.litellm.reader", has_database=True, tested_on=REAL, limits="litellm"
    ),
    "otel": GatewayFormat(
        "ingestion.gateways.otel.reader",
        options=("tokens_inclusive_of_cache",),
        seen_from="application",
        tested_on=REAL,
    ),
    "phoenix": GatewayFormat(
        "ingestion.gateways.phoenix.reader", seen_from="application", tested_on=REAL
    ),
    "vertex_logs": GatewayFormat(
        "ingestion.gateways.vertex_logs.reader", seen_from="provider", tested_on=PUBLISHED
    ),
    "bifrost": GatewayFormat("ingestion.gateways.bifrost.reader"),
    "bedrock_invocations": GatewayFormat(
        "ingestion.gateways.bedrock_invocations.reader", seen_from="provider", tested_on=PUBLISHED
    ),
    "helicone": GatewayFormat("ingestion.gateways.helicone.reader", api_keys=("key",)),
    "portkey": GatewayFormat("ingestion.gateways.portkey.reader", tested_on=REAL),
    "openrouter": GatewayFormat(
        "ingestion.gateways.openrouter.reader", seen_from="router", tested_on=PUBLISHED
    ),
    "vllm": GatewayFormat("ingestion.gateways.vllm.reader", counts=True),
}

BILLS: Final = {
    "anthropic": BillFormat(
        "ingestion.bills.anthropic.reader", provider="anthropic", has_api=True, limits="anthropic"
    ),
    "anthropic_csv": BillFormat(
        "ingestion.bills.anthropic.console",
        provider="anthropic",
        tested_on=PUBLISHED,
        limits="anthropic",
    ),
    "aws_cur": BillFormat("ingestion.bills.aws_cur.reader", provider="aws"),
    "aws_focus": BillFormat("ingestion.bills.aws_focus", provider="aws"),
    "azure_actual": BillFormat("ingestion.bills.azure.actual", provider="azure"),
    "azure_amortized": BillFormat("ingestion.bills.azure.amortized", provider="azure"),
    "copilot_usage": BillFormat("ingestion.bills.copilot_usage", provider=None, of_seats=True),
    "cursor_usage": BillFormat("ingestion.bills.cursor_usage", provider=None, of_seats=True),
    "databricks": BillFormat("ingestion.bills.databricks.reader", provider="databricks"),
    "azure_focus": BillFormat("ingestion.bills.azure.focus", provider="azure"),
    "fireworks": BillFormat("ingestion.bills.fireworks", provider="fireworks_ai"),
    "focus": BillFormat("ingestion.bills.focus.reader", provider=None, tested_on=REAL),
    "google": BillFormat("ingestion.bills.google.reader", provider="google"),
    "manual_invoice": BillFormat("ingestion.bills.manual_invoice", provider=None),
    "openai": BillFormat(
        "ingestion.bills.openai.reader", provider="openai", has_api=True, limits="openai"
    ),
    "openai_csv": BillFormat(
        "ingestion.bills.openai.console", provider="openai", tested_on=PUBLISHED, limits="openai"
    ),
    "opencost": BillFormat("ingestion.bills.opencost", provider="own", tested_on=PUBLISHED),
    "openrouter": BillFormat("ingestion.bills.openrouter", provider="openrouter", has_api=True),
    "snowflake": BillFormat(
        "ingestion.bills.snowflake.reader", provider="snowflake", tested_on=PUBLISHED
    ),
    "together": BillFormat("ingestion.bills.together", provider="together_ai"),
}

# Keys of an entry whose format has a database, beside those of every gateway.
DATABASE_KEYS: Final = ("url", "overlap_hours")

# Bounds of every pull, keys of any `api:`: what holds without them, and what they count.
LIMITS: Final = {
    "max_pages": (10_000, "pages of one report or list"),
    "max_page_seconds": (300, "seconds until an answer has ended"),
    "max_page_mb": (64, "megabytes of one answer"),
    "max_seconds": (7_200, "seconds of one pull, waits included"),
    "max_pull_mb": (2_000, "megabytes of one pull"),
}
# Of limits, keys of any `limits_api:`: what asks for two answers a project and has no history.
LIMITS_OF_LIMITS: Final = {**LIMITS, "max_seconds": (600, LIMITS["max_seconds"][1])}


class GatewayReader(Protocol):
    __name__: str
    READER_VERSION: str

    def usage_semantics(self, gateway: "Gateway") -> "UsageSemantics":
        """What the token counts of this gateway's log contain."""

    def read_object(self, data: bytes, name: str, gateway: "Gateway") -> "Parsed": ...


class TableReader(Protocol):
    """A bill of rows: docs/add-a-bill.md."""

    READER_VERSION: str
    FORMAT: "TableFormat"


class PageReader(Protocol):
    """A bill of saved pages of an API."""

    READER_VERSION: str
    FORMAT: "PageFormat"

    def read_bill(
        self, objects: Mapping[str, bytes], bill: "Bill"
    ) -> Iterator[tuple[str, "Parsed"]]: ...


BillReader = PageReader | TableReader


def bill_provider(bill: "Bill") -> str | None:
    """None where only what has landed says whom the bill is of."""
    return BILLS[bill.format].provider


def gateway_reader(log_format: str) -> GatewayReader:
    """The reader of a log format; imported late, because readers import the workspace."""
    return cast(GatewayReader, importlib.import_module(GATEWAYS[log_format].module))


def gateway_kind(log_format: str) -> str:
    """What a source of this format is: `gateway`, whose records are requests, or `counters`."""
    counting = {name for name, known in GATEWAYS.items() if known.counts}
    return "counters" if log_format in counting else "gateway"


def reader_version(log_format: str) -> str:
    """As batches name it."""
    return f"{log_format} {gateway_reader(log_format).READER_VERSION}"


def bill_reader(bill_format: str) -> BillReader:
    return cast(BillReader, importlib.import_module(BILLS[bill_format].module))
