"""What of Databricks is AI, and what its rows are of: by product, usage type and SKU."""

from typing import Final

from ingestion.bills.tables.patterns import Pattern, first_match

_SERVING: Final = r"\w*(?:SERVERLESS_REAL_TIME_INFERENCE|_MODEL_SERVING)\w*"

# Of a `billing_origin_product`, or of a SKU where an export has no products.
AI: Final = (
    Pattern(
        r"MODEL_SERVING|FOUNDATION_MODEL_TRAINING|VECTOR_SEARCH|AGENT_EVALUATION|AGENT_BRICKS|AI_\w+",
        examples=("MODEL_SERVING", "VECTOR_SEARCH", "AI_FUNCTIONS", "AI_GATEWAY", "AI_RUNTIME"),
    ),
    Pattern(
        _SERVING,
        examples=(
            "ENTERPRISE_ANTHROPIC_MODEL_SERVING",
            "PREMIUM_SERVERLESS_REAL_TIME_INFERENCE_US_EAST_N_VIRGINIA",
        ),
    ),
    Pattern(r"\w+_MODEL_TRAINING\w*", examples=("PREMIUM_MODEL_TRAINING_US_EAST_2",)),
)

# Of `<product> <usage type> <SKU>`, `-` where one is not said: the kind of the charge. DBUs of
# serving have no side: one row is input, output and cache of a model together.
KINDS: Final = (
    Pattern(
        r"\S+ \S+ \w*_INFERENCE_LAUNCH\w*",
        {"kind": "session"},
        ("MODEL_SERVING COMPUTE_TIME PREMIUM_SERVERLESS_REAL_TIME_INFERENCE_LAUNCH_US_WEST_2",),
    ),
    # models of other makers are sold by the token alone
    Pattern(
        r"(?:MODEL_SERVING|-) \S+ \w+_(?:OPENAI|ANTHROPIC|GEMINI|GOOGLE)_MODEL_SERVING\w*",
        {"kind": "tokens"},
        (
            "MODEL_SERVING TOKEN ENTERPRISE_ANTHROPIC_MODEL_SERVING",
            "- - PREMIUM_OPENAI_MODEL_SERVING",
        ),
    ),
    Pattern(
        rf"(?:MODEL_SERVING|-) TOKEN {_SERVING}",
        {"kind": "tokens"},
        ("MODEL_SERVING TOKEN PREMIUM_SERVERLESS_REAL_TIME_INFERENCE_US_EAST_N_VIRGINIA",),
    ),
    Pattern(
        rf"(?:MODEL_SERVING|-) (?:COMPUTE_TIME|GPU_TIME) {_SERVING}",
        {"kind": "session"},
        (
            "MODEL_SERVING GPU_TIME PREMIUM_SERVERLESS_REAL_TIME_INFERENCE_US_EAST_N_VIRGINIA",
            "- COMPUTE_TIME ENTERPRISE_SERVERLESS_REAL_TIME_INFERENCE_EUROPE_IRELAND",
        ),
    ),
    Pattern(
        r"(?:AI_FUNCTIONS|AI_GATEWAY|AGENT_EVALUATION|AGENT_BRICKS) .+",
        {"kind": "tool"},
        (
            "AI_FUNCTIONS TOKEN PREMIUM_SERVERLESS_REAL_TIME_INFERENCE_US_WEST_OREGON",
            "AI_GATEWAY API_OPERATION PREMIUM_SERVERLESS_REAL_TIME_INFERENCE_US_WEST_OREGON",
        ),
    ),
    Pattern(
        r"VECTOR_SEARCH .+",
        {"kind": "storage"},
        ("VECTOR_SEARCH COMPUTE_TIME PREMIUM_SERVERLESS_REAL_TIME_INFERENCE_US_WEST_OREGON",),
    ),
    Pattern(
        r"(?:FOUNDATION_MODEL_TRAINING|AI_RUNTIME) .+|- \S+ \w+_MODEL_TRAINING\w*",
        {"kind": "training"},
        ("FOUNDATION_MODEL_TRAINING COMPUTE_TIME PREMIUM_MODEL_TRAINING_US_EAST_2",),
    ),
)


def is_ai(product: str | None, sku: str) -> bool:
    return first_match(AI, product or sku) is not None


def kind_of(product: str | None, usage_type: str | None, sku: str) -> str:
    said = first_match(KINDS, f"{product or '-'} {usage_type or '-'} {sku}")
    return said["kind"] if said else "unparsed"
