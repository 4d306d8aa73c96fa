"""What a live pull asks each provider for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from urllib.parse import urlsplit

from ingestion.bills.pulling.daily_reports import OPENROUTER, DailyApi

Parameters = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """`groupings` is a ladder: an organisation whose API refuses one set gets the next."""

    report: str
    path: str
    limit: int  # the most buckets or rows that a page may have; the default would cut months short
    groupings: tuple[tuple[str, ...], ...]
    headers: tuple[tuple[str, str], ...] = ()
    headers_for: str = ""  # the column that alone needs them; empty where every grouping does
    width: tuple[str, str] = ("bucket_width", "1d")
    name: str = ""  # of its files; empty where it is the report's

    def headers_of(self, grouping: tuple[str, ...]) -> dict[str, str]:
        needed = not self.headers_for or self.headers_for in grouping
        return dict(self.headers) if needed else {}


@dataclass(frozen=True, slots=True)
class Succession:
    """A report, and the requests for rows that took its place: the first is the money, without
    which the report itself is asked for, the others say more of it."""

    legacy: ReportRequest
    rows: tuple[ReportRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class Api:
    base_url: Callable[[str], str]
    headers: Callable[[str], dict[str, str]]
    window: Callable[[date, date], Parameters]  # first day, day after the last
    group_parameter: str  # repeated, once per column
    reports: tuple[Succession, ...]
    # Of the reports of rows: the first day that they have, and how far back they are answered.
    rows_since: date = date.min
    rows_days: int = 0


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


_COSTS: Final = ReportRequest(
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
)
_COMPLETIONS: Final = ReportRequest(
    "usage_completions",
    "organization/usage/completions",
    31,
    (
        ("project_id", "user_id", "api_key_id", "model", "batch", "service_tier"),
        ("project_id", "user_id", "api_key_id", "model", "batch"),
        ("project_id", "api_key_id", "model", "batch"),
        ("model", "batch"),
    ),
)

_COST_REPORT: Final = ReportRequest(
    "cost_report",
    "organizations/cost_report",
    31,
    (
        ("workspace_id", "description", "inference_geo", "speed"),
        ("workspace_id", "description", "inference_geo"),
        ("workspace_id", "description"),
    ),
    headers=(("anthropic-beta", "fast-mode-2026-02-01"),),
    headers_for="speed",
)
_KEYS: Final = ("api_key_id", "workspace_id", "model", "service_tier", "context_window")
_USAGE_MESSAGES: Final = ReportRequest(
    "usage_messages",
    "organizations/usage_report/messages",
    31,
    tuple((*_KEYS, *more) for more in (("inference_geo", "speed"), ("inference_geo",), ())),
    headers=(("anthropic-beta", "fast-mode-2026-02-01"),),
    headers_for="speed",
)
# A query takes five columns beside cost_type and token_type: two queries know seven.
_BY_TIER: Final = _KEYS
_BY_SPEED: Final = ("api_key_id", "workspace_id", "model", "inference_geo", "speed")
_WHAT: Final = ("cost_type", "token_type")


def _analytics(report: str, name: str, columns: tuple[str, ...], width: str) -> ReportRequest:
    return ReportRequest(
        report,
        f"organizations/{report.replace('_', '/')}",
        1000,
        (columns,),
        headers=(("anthropic-beta", "analytics-usage-cost-2026-08-24"),),
        width=("time_bucket_width", width),
        name=f"{report}_{name}",
    )


OPENAI: Final = Api(
    base_url=_openai_base,
    headers=_openai_headers,
    window=_openai_window,
    group_parameter="group_by",
    reports=(Succession(_COSTS), Succession(_COMPLETIONS)),
)

ANTHROPIC: Final = Api(
    base_url=_anthropic_base,
    headers=_anthropic_headers,
    window=_anthropic_window,
    group_parameter="group_by[]",
    reports=(
        Succession(
            _COST_REPORT,
            (
                _analytics("analytics_cost", "by_tier", (*_BY_TIER, *_WHAT), "1h"),
                _analytics("analytics_cost", "by_speed", (*_BY_SPEED, *_WHAT), "1h"),
                _analytics("analytics_cost", "total", (), "1d"),
            ),
        ),
        Succession(
            _USAGE_MESSAGES,
            (
                _analytics("analytics_usage", "by_tier", _BY_TIER, "1h"),
                _analytics("analytics_usage", "by_speed", _BY_SPEED, "1h"),
            ),
        ),
    ),
    rows_since=date(2026, 1, 1),
    rows_days=364,
)

APIS: Final[dict[str, Api | DailyApi]] = {
    "openai": OPENAI,
    "anthropic": ANTHROPIC,
    "openrouter": OPENROUTER,
}
