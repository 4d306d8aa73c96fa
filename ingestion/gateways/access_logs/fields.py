"""Which field of a flat log says what, where operators give the names: a format's own, or
`columns`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from ingestion.gateways.spans.names import Names
from ingestion.records import SourceError
from ingestion.workspace.sources import Gateway

# A place of attribution: `tag:<key>`, `metadata:<path>` or `header:<name>`.
GROUPS: Final = ("tag", "metadata", "header")
MODELS: Final = ("model_requested", "model_routed", "model_served")
COUNTS: Final[Mapping[str, str]] = {
    "input_quantity": "input",
    "output_quantity": "output",
    "total_tokens": "total",
    "cache_read_quantity": "cache_read",
    "cache_write_tokens": "cache_write",
    "reasoning_tokens": "reasoning",
    "audio_input_quantity": "audio_input",
    "audio_output_quantity": "audio_output",
}
TEXTS: Final = (
    *("trace_id", "session_id", "user_id", "customer_id", "gateway_key_id", "gateway_key_alias"),
    *("gateway_team", "deployment_id", "region", "route", "finish_reason"),
)
OTHERS: Final = (
    *("started_at", "ended_at", "latency_ms", "ttft_ms", "http_status", "request_id"),
    *("provider_request_id", "provider", "host", "operation", "attempt_no", "retries", "stream"),
    *("error_class", "flags", "gateway_cost"),
)
FIELDS: Final = frozenset((*MODELS, *COUNTS, *TEXTS, *OTHERS))


@dataclass(frozen=True, slots=True)
class Dialect:
    """`names`: field -> what the format calls it, the first that is said. `infrastructure` and what
    begins with `prefixes`: fields that say nothing of an owner. `expected`: what to tell of a
    record that is none.
    """

    key: str
    names: Mapping[str, Names]
    infrastructure: frozenset[str]
    prefixes: tuple[str, ...]
    expected: str

    def read(self, field: str) -> Names:
        return self.names.get(field, ())


def dialect_of(gateway: Gateway, known: Dialect) -> Dialect:
    """With the names that the entry gives. Raises SourceError for fields that are none."""
    columns = gateway.options.get("columns") or {}
    if not isinstance(columns, Mapping):
        raise _wrong(gateway, "write `field: name in the log` lines")
    given: dict[str, Names] = {}
    for name, column in columns.items():
        group, _, key = str(name).partition(":")
        if str(name) not in FIELDS and not (group in GROUPS and key):
            raise _wrong(gateway, f"`{name}` is none of {', '.join(sorted(FIELDS))}")
        given[str(name)] = tuple(map(str, column if isinstance(column, list) else [column]))
    return replace(known, names={**known.names, **given})


def _wrong(gateway: Gateway, advice: str) -> SourceError:
    return SourceError(f"gateway {gateway.name}: wrong `columns` in tollbook.yaml: {advice}")
