"""Model ids by the names that Anthropic's console shows; any other name models.csv resolves."""

from typing import Final

from ingestion.bills.tables.patterns import Pattern, first_match

_FAMILY: Final = r"(?P<family>opus|sonnet|haiku|fable|mythos)"
_DATE: Final = r"(?: (?P<date>\d{4}-\d{2}-\d{2}|\d{8}))?"
# The API turned the order around with Claude 4.
PATTERNS: Final = (
    Pattern(
        rf"claude (?P<version>[1-3](?:\.\d)?) {_FAMILY}(?: v2)?{_DATE}",
        {"order": "version"},
        ("Claude 3.5 Sonnet 2024-10-22", "Claude 3 Haiku"),
    ),
    Pattern(
        rf"claude {_FAMILY} (?P<version>[1-3](?:\.\d)?){_DATE}",
        {"order": "version"},
        ("Claude Sonnet 3.7", "Claude Haiku 3.5"),
    ),
    Pattern(
        rf"claude {_FAMILY} (?P<version>\d+(?:\.\d+)?){_DATE}",
        {"order": "family"},
        ("Claude Haiku 4.5", "Claude Opus 5", "Claude Sonnet 4 2025-05-14"),
    ),
)


def model_of(name: str | None) -> str | None:
    """`claude-haiku-4-5` of `Claude Haiku 4.5`; any other name as it is."""
    said = first_match(PATTERNS, " ".join(name.split())) if name else None
    if said is None:
        return name
    version, family = said["version"].replace(".", "-"), said["family"].lower()
    parts = (version, family) if said["order"] == "version" else (family, version)
    date = said.get("date", "").replace("-", "")
    return "-".join(("claude", *parts, *([date] if date else [])))
