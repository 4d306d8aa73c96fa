"""Which of AWS's services are AI: what any of these patterns knows becomes cost, nothing else."""

from typing import Final

from ingestion.bills.tables.patterns import Pattern, first_match

# Of a product code, a service code or a product's name.
SERVICES: Final = (
    Pattern(
        r"AmazonBedrock\w*",
        examples=(
            *("AmazonBedrock", "AmazonBedrockService", "AmazonBedrockFoundationModels"),
            "AmazonBedrockAgentCore",
        ),
    ),
    # what is sold through the Marketplace has a product code that says nothing
    Pattern(
        r".+\(Amazon Bedrock Edition\)", examples=("Claude Sonnet 4.6 (Amazon Bedrock Edition)",)
    ),
    Pattern(r"Amazon Bedrock(?: .+)?", examples=("Amazon Bedrock", "Amazon Bedrock AgentCore")),
    Pattern(r"Claude Platform on AWS.*", examples=("Claude Platform on AWS",)),
)


def is_ai(*names: str | None) -> bool:
    return any(name and first_match(SERVICES, name) is not None for name in names)
