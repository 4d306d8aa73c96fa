"""What a live pull asks for where an API answers a day at a time, for some days back alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class DailyApi:
    """`groupings` is a ladder, as of other reports: (parameter, its value, the column it fills)."""

    base_url: Callable[[str], str]
    headers: Callable[[str], dict[str, str]]
    report: str
    path: str
    day: str  # the parameter of a day, and the field of a row that has it
    days_back: int  # whole UTC days before today that are answered
    groupings: tuple[tuple[tuple[str, str, str], ...], ...] = ((),)
    records: str = "data"  # key of a page's list


def _openrouter_base(url: str) -> str:
    """OpenRouter's base URL has its version; a bare host gets it."""
    return url if urlsplit(url).path.strip("/") else f"{url.rstrip('/')}/api/v1"


def _openrouter_headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


OPENROUTER: Final = DailyApi(
    base_url=_openrouter_base,
    headers=_openrouter_headers,
    report="activity",
    path="activity",
    day="date",
    days_back=30,
    groupings=((("group_by", "workspace", "workspace_id"),), ()),
)
