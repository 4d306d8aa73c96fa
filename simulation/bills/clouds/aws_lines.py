"""The lines of an AWS bill, whatever its table: usage, its discount, and what is no usage."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from simulation.bills.clouds import aws_names
from simulation.bills.clouds.months import first_hour, seller
from simulation.bills.clouds.usage_lines import Grain, UsageLine, quantity, usage_lines
from simulation.bills.ledger import HOURS_PER_DAY, Ledger, OtherCharge
from simulation.company.catalog import Deployment, SubAccount

REGION: Final = "us-east-1"
KINDS: Final = {"tax": "Tax", "credit": "Credit", "refund": "Refund"}
# line_item of a foreign charge: product, usage type, operation, unit, description
FOREIGN: Final = {
    "AmazonEC2": (
        *("Amazon Elastic Compute Cloud", "USE1-BoxUsage:m5.large", "RunInstances", "Hrs"),
        "$0.096 per On Demand Linux m5.large Instance Hour",
    ),
    "AmazonS3": (
        *("Amazon Simple Storage Service", "USE1-TimedStorage-ByteHrs", "StandardStorage", "GB-Mo"),
        "$0.023 per GB - first 50 TB / month of storage used",
    ),
    "AWSSupportBusiness": ("AWS Support (Business)", "Dollar", "", "Dollar", "AWS Support"),
}


@dataclass(frozen=True, slots=True)
class AwsLine:
    """`start` and `end` are hours since 1970; `kind` is line_item_line_item_type."""

    start: int
    end: int
    kind: str
    sub_account: SubAccount
    sold_by: str
    product_code: str
    product_name: str
    usage_type: str
    operation: str
    unit: str
    description: str
    quantity: str
    list_pico: int
    unblended_pico: int
    net_pico: int
    region: str = REGION
    resource: str = ""
    principal: str = ""
    tags: dict[str, str] = field(default_factory=dict)


def aws_lines(ledger: Ledger) -> Iterator[AwsLine]:
    for line in usage_lines(ledger, "aws", Grain()):
        usage = _usage(line)
        yield usage
        if line.pico != line.list_pico:
            yield _discount(usage)
    for other in ledger.other_charges:
        if other.sub_account.provider == "aws":
            yield _foreign(other) if other.kind == "foreign" else _other(other)


def _usage(line: UsageLine) -> AwsLine:
    deployment = line.deployment
    unit, tokens_of_unit = aws_names.pricing_unit(line)
    usage = AwsLine(
        *(line.start, line.start + 1, "Usage", deployment.sub_account, seller(deployment)),
        *(aws_names.product_code(deployment), aws_names.product_name(deployment)),
        *(aws_names.usage_type(line), "InvokeModelInference", unit, aws_names.description(line)),
        quantity(line.tokens, tokens_of_unit),
        *(line.list_pico, line.list_pico, line.pico),
        tags={"user_environment": deployment.sub_account.name, "iamPrincipal/app": "gateway"},
    )
    place = deployment.cloud
    if place is None:
        return usage
    return replace(usage, region=place.region, resource=place.resource, principal=place.principal)


def _discount(usage: AwsLine) -> AwsLine:
    """What the enterprise discount takes off a line; the line's own net cost has it already."""
    return replace(
        usage,
        kind="EdpDiscount",
        description="Enterprise Discount Program",
        quantity="0",
        list_pico=0,
        unblended_pico=usage.net_pico - usage.list_pico,
        net_pico=0,
    )


def _foreign(other: OtherCharge) -> AwsLine:
    product, usage_type, operation, unit, description = FOREIGN[other.line_item]
    start = first_hour(other.day)
    fee = other.line_item == "AWSSupportBusiness"
    return AwsLine(
        *(start, start + HOURS_PER_DAY, "Fee" if fee else "Usage", other.sub_account, ""),
        *(other.line_item, product, usage_type, operation, unit, description),
        *(f"{other.quantity}", other.pico, other.pico, other.pico),
    )


def _other(other: OtherCharge) -> AwsLine:
    """Of Bedrock: tax and credits have words alone, all else has a usage type."""
    kind = KINDS.get(other.kind, "Usage")
    if other.of is not None:
        return _refund(other, other.of)
    usage_type, unit = (other.line_item, other.quantity_unit) if kind == "Usage" else ("", "")
    return AwsLine(
        *(other.start, other.start + HOURS_PER_DAY, kind, other.sub_account, ""),
        *(aws_names.BEDROCK, "Amazon Bedrock", usage_type, "", unit, other.line_item),
        f"{other.quantity}",
        *(other.pico, other.pico, other.pico),
    )


def _refund(other: OtherCharge, of: Deployment) -> AwsLine:
    """Under the usage type, role and hour of what it gives back."""
    place = of.cloud
    return AwsLine(
        *(other.start, other.start + 1, "Refund", other.sub_account, seller(of)),
        *(aws_names.product_code(of), aws_names.product_name(of), other.line_item, "", ""),
        *(f"Refund of {other.line_item}", "0"),
        *(other.pico, other.pico, other.pico),
        region=place.region if place else REGION,
        principal=place.principal if place else "",
    )
