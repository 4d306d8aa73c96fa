"""Which column of a company's own log is which field of the contract."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingestion.gateways.generic.paths import heads
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import SourceError
from ingestion.vocabulary import METERS, PIECE_METERS
from ingestion.workspace.sources import Gateway

# Read under these names without a map. `user_id` is the end user: who the tokens were spent on.
NAMED: Final = {
    "timestamp": "started_at",
    "user_id": "customer_id",
    "session_id": "session_id",
    "feature_tag": "tag:feature",
    "model_name": "model_requested",
    "input_token_count": "input_quantity",
    "output_token_count": "output_quantity",
    "latency": "latency",
    "cached_tokens": "cache_read_quantity",
    "provider": "provider",
    "request_id": "request_id",
    "status": "status",
    "tier": "tag:tier",
    "team": "tag:team",
    "cost": "gateway_cost",
    "tags": "tags",
    "metadata": "metadata",
}
NAMED_SOURCES: Final = {field: name for name, field in NAMED.items()}
REQUIRED: Final = ("timestamp", "model_name", "input_token_count", "output_token_count")
TEXTS: Final = (
    *("request_id", "call_id", "trace_id", "session_id", "provider_request_id", "customer_id"),
    *("user_id", "gateway_key_id", "gateway_key_alias", "gateway_team", "gateway_team_alias"),
    *("deployment_id", "provider", "account_hint", "sub_account_hint", "credential_hint"),
    *("region", "route", "operation", "model_requested", "model_routed", "model_served"),
    *("model_mapped", "service_tier", "attempt_role", "status", "error_class", "finish_reason"),
    *("response_format", "cache_layer", "prompt_version", "input_hash"),
    # Anthropic's fast mode, where it was served: its tier is `fast`
    "speed",
)
QUANTITIES: Final = tuple(f"{meter}_quantity" for meter in METERS)
# `columns` may name what is counted in pieces by the meter alone.
METER_NAMES: Final = {meter: f"{meter}_quantity" for meter in PIECE_METERS}
# Counts that are no meter: writes without a time to live, and the source's own total.
TOKENS: Final = ("cache_write_tokens", "reasoning_tokens", "total_tokens")
TOTALS: Final = ("total_tokens", "total", "total_token_count")
COUNTS: Final = (*QUANTITIES, *TOKENS, "http_status", "attempt_no", "max_tokens")
UNITS: Final = {"s": 1000, "ms": 1}
OTHERS: Final = (
    *("started_at", "ended_at", "latency", "latency_ms", "ttft_ms", "gateway_cost"),
    *("stream", "tokens_estimated", "tags", "metadata"),
)
# A place of attribution: `tag:<key>`, `metadata:<path>` or `header:<name>`.
GROUPS: Final = ("tag", "metadata", "header")
FIELDS: Final = frozenset((*TEXTS, *COUNTS, *OTHERS))


@dataclass(frozen=True, slots=True)
class Columns:
    """`sources`: contract field, or a place of GROUPS -> the log's column, or path in one.

    `choices`: fields with several columns, the first with a value; `choices.py` settles them.
    `mapped` are the columns that the workspace names, under its names of fields: a log without them
    is not the one it means.
    """

    sources: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]]
    mapped: Mapping[str, tuple[str, ...]]
    totals: tuple[str, ...]  # where no column is the total: those beside the input that may be it
    timestamp_format: str
    zone: tzinfo
    latency_unit_ms: int
    semantics: UsageSemantics
    provider: str | None
    delimiter: str

    @property
    def is_utc(self) -> bool:
        """Whether a time without an offset is one of UTC."""
        return self.zone is UTC

    @property
    def read(self) -> tuple[str, ...]:
        others = (path for paths in self.choices.values() for path in paths)
        return (*self.sources.values(), *others, *self.totals, *self._other_totals)

    @property
    def _other_totals(self) -> tuple[str, ...]:
        if not self.totals:
            return ()
        return tuple(
            total
            for path in self.choices.get("input_quantity", ())
            for total in _totals_beside(path)
        )

    @property
    def known(self) -> frozenset[str]:
        """Names of a file's columns that anything is read of."""
        return frozenset(head for path in self.read for head in heads(path))


def columns_of(gateway: Gateway) -> Columns:
    """Raises SourceError for options that no log could be read with."""
    options, given = gateway.options, _given(gateway)
    sources = NAMED_SOURCES | {field: paths[0] for field, paths in given.items()}
    delimiter = str(options.get("delimiter", ","))
    if len(delimiter) != 1:
        raise _wrong(gateway, "delimiter", "use one character")
    return Columns(
        sources=sources,
        choices={field: paths for field, paths in given.items() if len(paths) > 1},
        totals=_totals(sources),
        mapped={name: given[field] for name, field in _mapped(gateway).items()},
        timestamp_format=str(options.get("timestamp_format", "iso")),
        zone=_zone(gateway),
        latency_unit_ms=_choice(gateway, "latency_unit", UNITS, "ms"),
        semantics=_semantics(gateway),
        provider=str(options["provider"]) if options.get("provider") else None,
        delimiter=delimiter,
    )


def settled(columns: Columns, chosen: Mapping[str, str]) -> Columns:
    """With one column of each field that had several."""
    sources = {**columns.sources, **chosen}
    return replace(columns, sources=sources, choices={}, totals=_totals(sources))


def _semantics(gateway: Gateway) -> UsageSemantics:
    """What the log's counts contain: everything, unless the workspace says what they leave out."""

    def includes(option: str) -> bool:
        return bool(_choice(gateway, option, {"true": True, "false": False}, "true"))

    media = includes("tokens_inclusive_of_audio_and_images")
    return UsageSemantics(
        input_includes_cache=includes("tokens_inclusive_of_cache"),
        input_includes_audio_and_images=media,
        output_includes_reasoning=includes("tokens_inclusive_of_reasoning"),
        output_includes_audio_and_images=media,
        total_includes_cache=includes("total_inclusive_of_cache"),
        total_includes_reasoning=includes("total_inclusive_of_reasoning"),
    )


def _given(gateway: Gateway) -> dict[str, tuple[str, ...]]:
    columns = gateway.options.get("columns") or {}
    return {field: _paths(gateway, name, columns[name]) for name, field in _mapped(gateway).items()}


def _paths(gateway: Gateway, name: str, said: Any) -> tuple[str, ...]:
    """One column, or a list of them: the first with a value is a record's."""
    each = said if isinstance(said, list) else [said]
    if not each or any(isinstance(path, bool) or not isinstance(path, str | int) for path in each):
        advice = f"write `{name}: column`, `{name}: path.below.a[0].column` or a list of such"
        raise _wrong(gateway, "columns", f"{advice}, first that has a value")
    paths = tuple(map(str, each))
    if not all(path.strip() for path in paths):
        raise _wrong(gateway, "columns", f"`{name}` has an empty name: write the log's column")
    if twice := next((path for path in paths if paths.count(path) > 1), None):
        raise _wrong(gateway, "columns", f"`{name}` has `{twice}` twice: keep one")
    return paths


def _totals(sources: Mapping[str, str]) -> tuple[str, ...]:
    if "total_tokens" in sources:
        return ()
    return _totals_beside(sources["input_quantity"])


def _totals_beside(path: str) -> tuple[str, ...]:
    parent, dot, _ = path.rpartition(".")
    return tuple(parent + dot + name for name in TOTALS)


def _mapped(gateway: Gateway) -> dict[str, str]:
    """Names of `columns` in tollbook.yaml -> fields of the contract, each named once."""
    columns = gateway.options.get("columns") or {}
    if not isinstance(columns, Mapping):
        raise _wrong(gateway, "columns", "write `contract_field: source column` lines")
    given: dict[str, str] = {}
    if odd := next((name for name in columns if not isinstance(name, str)), None):
        raise _wrong(gateway, "columns", f"`{odd}` is not a field of the requests contract")
    for name in map(str, columns):
        # beside a customer's own column, `user_id` is the contract's user
        own = name == "user_id" and "customer_id" in columns
        field = name if own else METER_NAMES.get(name) or NAMED.get(name, name)
        group, _, key = field.partition(":")
        if field not in FIELDS and not (group in GROUPS and key):
            raise _wrong(gateway, "columns", f"`{name}` is not a field of the requests contract")
        if (other := given.setdefault(field, name)) != name:
            raise _wrong(gateway, "columns", f"`{other}` and `{name}` are one field: keep one")
    return {name: field for field, name in given.items()}


def _choice(gateway: Gateway, key: str, choices: Mapping[str, Any], default: str) -> Any:
    said = str(gateway.options.get(key, default)).lower()
    if said not in choices:
        raise _wrong(gateway, key, f"use {' or '.join(choices)}")
    return choices[said]


def _zone(gateway: Gateway) -> tzinfo:
    name = str(gateway.options.get("timezone", "UTC"))
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise _wrong(gateway, "timezone", "use a name like Europe/Berlin") from None


def _wrong(gateway: Gateway, key: str, advice: str) -> SourceError:
    return SourceError(f"gateway {gateway.name}: wrong `{key}` in tollbook.yaml: {advice}")
