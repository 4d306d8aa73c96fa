"""What a live pull asks each provider for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from urllib.parse import urlsplit

Parameters = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """`groupings` is a ladder: an organisation whose API refuses one set gets the next."""

    report: str
    path: str
    limit: int  # the most buckets that a page may have; the default would cut months short
    groupings: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Api:
    base_url: Callable[[str], str]
    headers: Callable[[str], dict[str, str]]
    window: Callable[[date, date], Parameters]  # first day, day after the last
    group_parameter: str  # repeated, once per column
    reports: tuple[ReportRequest, ...]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _openai_base(url: str) -> str:
    """OpenAI's base URL has its version; a bare host gets it."""
    return url if urlsplit(url).path.strip("/") else f"{url.rstrip('/')}/v1"


def _openai_headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _openai_window(since: date, until: date) -> Parameters:
    return [
        ("start_time", str(int(_midnight(since).timestamp()))),
        ("end_time", str(int(_midnight(until).timestamp()))),
    ]


def _anthropic_base(url: str) -> str:
    """Anthropic's base URL has no version, but some write it."""
    return url if url.rstrip("/").endswith("/v1") else f"{url.rstrip('/')}/v1"


def _anthropic_headers(key: str) -> dict[str, str]:
    return {"x-api-key": key, "anthropic-version": "2023-06-01"}


def _anthropic_window(since: date, until: date) -> Parameters:
    return [
        ("starting_at", f"{_midnight(since):%Y-%m-%dT%H:%M:%SZ}"),
        ("ending_at", f"{_midnight(until):%Y-%m-%dT%H:%M:%SZ}"),
    ]


OPENAI: Final = Api(
    base_url=_openai_base,
    headers=_openai_headers,
    window=_openai_window,
    group_parameter="group_by",
    reports=(
        ReportRequest(
            "costs",
            "organization/costs",
            180,
            (
                # user_id beside project_id is refused for some organisations and time ranges
                ("project_id", "user_id", "api_key_id", "line_item"),
                ("project_id", "api_key_id", "line_item"),
                ("project_id", "line_item"),
                ("line_item",),
            ),
        ),
        ReportRequest(
            "usage_completions",
            "organization/usage/completions",
            31,
            (
                ("project_id", "user_id", "api_key_id", "model", "batch", "service_tier"),
                ("project_id", "user_id", "api_key_id", "model", "batch"),
                ("project_id", "api_key_id", "model", "batch"),
                ("model", "batch"),
            ),
        ),
    ),
)

ANTHROPIC: Final = Api(
    base_url=_anthropic_base,
    headers=_anthropic_headers,
    window=_anthropic_window,
    group_parameter="group_by[]",
    reports=(
        ReportRequest(
            "cost_report",
            "organizations/cost_report",
            31,
            (("workspace_id", "description", "inference_geo"), ("workspace_id", "description")),
        ),
        ReportRequest(
            "usage_messages",
            "organizations/usage_report/messages",
            31,
            tuple(
                (
                    "api_key_id",
                    "workspace_id",
                    "model",
                    "service_tier",
                    "context_window",
                    *more,
                )
                for more in (("inference_geo",), ())
            ),
        ),
    ),
)

APIS: Final = {"openai": OPENAI, "anthropic": ANTHROPIC}
