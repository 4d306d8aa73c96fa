"""How AWS names what Bedrock sold: usage types, products, services."""

from typing import Final

from simulation.bills.clouds.usage_lines import UsageLine
from simulation.company.catalog import Deployment

REGION_CODES: Final = {"us-east-1": "USE1", "us-west-2": "USW2", "eu-central-1": "EUC1"}
BEDROCK: Final = "AmazonBedrock"
MARKETPLACE: Final = "AWS Marketplace"
NATIVE: Final = {
    "input": "input-tokens",
    "cache_read": "cache-read-input-token-count",
    "cache_write_5m": "cache-write-input-token-count",
    "output": "output-tokens",
}
SOLD: Final = {
    "input": ("InputTokenCount", "Million Input Tokens"),
    "cache_read": ("CacheReadInputTokenCount", "Million Cache Read Input Tokens"),
    "cache_write_5m": ("CacheWriteInputTokenCount", "Million Cache Write Input Tokens"),
    "output": ("OutputTokenCount", "Million Output Tokens"),
}
WORDS: Final = {
    "input": "input tokens",
    "cache_read": "cache read input tokens",
    "cache_write_5m": "cache write input tokens",
    "output": "output tokens",
}


def is_sold_on_the_marketplace(deployment: Deployment) -> bool:
    """Such models are named by their product alone, which has spaces."""
    return deployment.provider == "aws" and " " in deployment.bill_model


def usage_type(line: UsageLine) -> str:
    """`USE1-NovaPro-input-tokens`; on the marketplace `USE1-MP:USE1_InputTokenCount-Units`."""
    region = _region(line.deployment)
    if is_sold_on_the_marketplace(line.deployment):
        batch = "_Batch" if line.service_tier == "batch" else ""
        return f"{region}-MP:{region}_{SOLD[line.meter][0]}{batch}-Units"
    scope = "-cross-region-global" if _is_global(line.deployment) else ""
    batch = "-batch" if line.service_tier == "batch" else ""
    return f"{region}-{line.deployment.bill_model}-{NATIVE[line.meter]}{batch}{scope}"


def product_code(deployment: Deployment) -> str:
    """A product of the marketplace has an id that says nothing."""
    return "4dzi0mzvkfrqkt0trdq7kqe9z" if is_sold_on_the_marketplace(deployment) else BEDROCK


def product_name(deployment: Deployment) -> str:
    if is_sold_on_the_marketplace(deployment):
        return f"{deployment.bill_model} (Amazon Bedrock Edition)"
    return "Amazon Bedrock"


def description(line: UsageLine) -> str:
    place = line.deployment.cloud
    region = place.region if place else ""
    if is_sold_on_the_marketplace(line.deployment):
        return f"AWS Marketplace software usage|{region}|{SOLD[line.meter][1]}"
    return f"{line.deployment.bill_model} {WORDS[line.meter]} in {region}"


def pricing_unit(line: UsageLine) -> tuple[str, int]:
    """The unit and how many tokens it is: on the marketplace a million, else a thousand."""
    if is_sold_on_the_marketplace(line.deployment):
        return "Units", 1_000_000
    return "1K tokens", 1000


def _is_global(deployment: Deployment) -> bool:
    place = deployment.cloud
    return place is not None and place.routed_model.startswith("converse/global.")


def _region(deployment: Deployment) -> str:
    place = deployment.cloud
    return REGION_CODES[place.region] if place else ""
