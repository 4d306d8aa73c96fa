"""One attempt of a call, whichever of Portkey's logs tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ingestion.gateways.bodies.body import Body, body_of
from ingestion.reading.instants import text_instant
from ingestion.reading.unreadable import Unreadable, shown

# The gateway's own log and the log store have bodies; an export may be without them.
BODIES_RANK: Final = 2
EXPORT_RANK: Final = 1


@dataclass(slots=True)
class Units:
    """What Portkey itself counted; None where its log does not say."""

    input: int | None = None
    output: int | None = None
    total: int | None = None


@dataclass(slots=True)
class Call:
    """`answers` are the bodies of one answer, the provider's own before what Portkey made of it.

    `function` is Portkey's word for what was called. `attempt`: which of its call, from 0.
    """

    id: str | None
    started: datetime
    rank: int = BODIES_RANK
    latency_ms: Decimal | None = None
    call_id: str | None = None
    trace_id: str | None = None
    provider_request_id: str | None = None
    provider: str | None = None
    url: str | None = None
    function: str | None = None
    asked: Body = field(default_factory=dict)
    model: str | None = None
    answers: tuple[Body, ...] = ()
    status: int | None = None
    failed: bool = False
    cache: str | None = None
    attempt: int = 0
    attempts: int = 1
    is_fallback: bool = False
    prompt: str | None = None
    units: Units = field(default_factory=Units)
    cost: Decimal | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)


def moment(said: Body, name: str) -> datetime:
    value = said.get(name)
    if not isinstance(value, str):
        missing = "missing" if value is None else "not a time"
        raise Unreadable(name, missing, value=shown(value))
    return text_instant(value, name)


def metadata_of(value: Any) -> Mapping[str, Any]:
    """An object, or its JSON as the header `x-portkey-metadata` has it."""
    return body_of(value)
