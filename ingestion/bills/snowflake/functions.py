"""What a row of Snowflake's Cortex is of, by the name of its function or service."""

from typing import Final

from ingestion.bills.tables.patterns import Pattern, first_match

# Of a `SERVICE_TYPE`, which rows of the metering views have; rows of Cortex views have none.
AI: Final = (
    Pattern(r"AI_\w+|(?:SNOWFLAKE_)?CORTEX\w*", examples=("AI_SERVICES", "CORTEX_SEARCH")),
)

# Of a `FUNCTION_NAME`, or of the name that a query gives to a view without functions.
FUNCTIONS: Final = (
    Pattern(
        r"(?:SNOWFLAKE\.CORTEX\.)?(?:AI_)?PARSE_DOCUMENT",
        {"kind": "tool", "meter": "pages"},
        ("AI_PARSE_DOCUMENT", "PARSE_DOCUMENT"),
    ),
    Pattern(
        r"(?:SNOWFLAKE\.CORTEX\.)?(?:AI_)?(?:EMBED\w*)",
        {"kind": "tokens", "meter": "input"},
        ("AI_EMBED", "EMBED_TEXT_1024", "SNOWFLAKE.CORTEX.EMBED_TEXT_768"),
    ),
    Pattern(
        r"(?:SNOWFLAKE\.CORTEX\.)?(?:AI_)?(?:(?:TRY_)?COMPLETE|CLASSIFY(?:_TEXT)?|FILTER|AGG"
        r"|SUMMARIZE(?:_AGG)?|SENTIMENT|TRANSLATE|EXTRACT(?:_ANSWER)?|REDACT|SIMILARITY|TRANSCRIBE)",
        {"kind": "tokens"},
        ("AI_COMPLETE", "COMPLETE", "SNOWFLAKE.CORTEX.TRANSLATE", "AI_SUMMARIZE_AGG", "AI_FILTER"),
    ),
    Pattern(
        r"CORTEX_SEARCH\w*",
        {"kind": "storage"},
        ("CORTEX_SEARCH", "CORTEX_SEARCH_SERVING"),
    ),
    Pattern(
        r"(?:CORTEX_)?FINE_?TUN(?:E|ING)", {"kind": "training"}, ("FINETUNE", "CORTEX_FINE_TUNING")
    ),
    Pattern(
        r"CORTEX_PROVISIONED_THROUGHPUT", {"kind": "session"}, ("CORTEX_PROVISIONED_THROUGHPUT",)
    ),
    Pattern(
        r"CORTEX_(?:ANALYST|AGENTS?|CODE\w*|DOCUMENT_PROCESSING)|SNOWFLAKE_INTELLIGENCE",
        {"kind": "tool"},
        ("CORTEX_ANALYST", "CORTEX_AGENT", "SNOWFLAKE_INTELLIGENCE", "CORTEX_CODE_CLI"),
    ),
)


def is_ai(service_type: str | None) -> bool:
    return service_type is None or first_match(AI, service_type) is not None


def read_function(name: str | None, model: str | None) -> tuple[str, str | None]:
    """(kind, meter). Tokens of a function without a model are those of no logged request."""
    said = first_match(FUNCTIONS, name) if name else None
    if said is None:
        return "unparsed", None
    if said["kind"] == "tokens" and model is None:
        return "tool", None
    return said["kind"], said.get("meter")
