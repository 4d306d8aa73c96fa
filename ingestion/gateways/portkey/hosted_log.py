"""A log of hosted Portkey: a line of its export, or an object of a company's own log store.

An export has the fields that were asked for, by the ids or by the names that its page gives them,
and its `cost` in cents. The log store has request and answer whole, with their headers.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from ingestion.gateways.bodies.body import Body, body_of, inside, text_in
from ingestion.gateways.portkey.call import (
    BODIES_RANK,
    EXPORT_RANK,
    Call,
    Units,
    metadata_of,
    moment,
)
from ingestion.gateways.spans.values import first_count, first_number
from ingestion.reading.unreadable import Unreadable

CENT: Final = Decimal("0.01")
TIME: Final = "created_at"
STATUS: Final = ("response_status_code", "status_code")
INPUT: Final = ("req_units", "request_tokens")
OUTPUT: Final = ("res_units", "response_tokens")
TOTAL: Final = ("total_units", "total_tokens")
EXPECTED: Final = (
    "no log of Portkey: expected a record of its gateway (`requestOptions`), an object of its log"
    " store (`_id`, `request`, `response`), or a line of its export with `id`, `created_at` and"
    " `ai_model`: ask for these"
)
# Of headers these alone are read: others hold keys.
METADATA: Final = "x-portkey-metadata"
TRACE: Final = "x-portkey-trace-id"
CACHE: Final = "x-portkey-cache-status"
RETRIES: Final = "x-portkey-retry-attempt-count"
PROVIDER: Final = "x-portkey-provider"
REQUEST_IDS: Final = ("x-request-id", "request-id", "x-amzn-requestid", "apim-request-id")


def is_stored(record: Mapping[str, Any]) -> bool:
    return "_id" in record or "status" in inside(record, "response")


def stored_call(record: Mapping[str, Any]) -> Call:
    asked, answered = inside(record, "request"), inside(record, "response")
    sent, came = _headers(asked, "portkeyHeaders"), _headers(answered, "headers")
    status = first_count(answered, ("status",))
    retries = first_count(came, (RETRIES,)) or 0
    return Call(
        id=text_in(record, "_id", "id"),
        started=moment(record, TIME),
        rank=BODIES_RANK,
        latency_ms=first_number(answered, ("responseTime", "response_time")),
        trace_id=text_in(came, TRACE) or text_in(sent, TRACE),
        provider_request_id=text_in(came, *REQUEST_IDS),
        provider=text_in(asked, "provider") or text_in(sent, PROVIDER),
        url=text_in(asked, "url"),
        asked=body_of(asked.get("body")),
        answers=(body_of(answered.get("body")),),
        status=status,
        failed=(status or 200) >= 400,
        cache=text_in(came, CACHE),
        attempt=retries,
        attempts=retries + 1,
        metadata=metadata_of(sent.get(METADATA) or record.get("metadata")),
        told=_told(record),
    )


def exported_call(record: Mapping[str, Any]) -> Call:
    id, model = text_in(record, "id"), text_in(record, "ai_model")
    if id is None or TIME not in record or not (model or record.get("request")):
        raise Unreadable(None, EXPECTED)
    asked, answered = body_of(record.get("request")), body_of(record.get("response"))
    status = first_count(record, STATUS)
    return Call(
        id=id,
        started=moment(record, TIME),
        rank=EXPORT_RANK,
        latency_ms=first_number(record, ("response_time",)),
        trace_id=text_in(record, "trace_id"),
        provider=text_in(record, "ai_org", "ai_provider"),
        url=text_in(record, "request_url") or text_in(asked, "url"),
        # with bodies as the log store has them, or alone
        asked=inside(asked, "body") or asked,
        model=model,
        answers=(inside(answered, "body") or answered,),
        status=status,
        failed=(status or 200) >= 400,
        cache=text_in(_headers(answered, "headers"), CACHE),
        prompt=text_in(record, "prompt_slug"),
        units=Units(*(first_count(record, names) for names in (INPUT, OUTPUT, TOTAL))),
        cost=_cost(record),
        metadata=metadata_of(record.get("metadata")),
        told=_told(record),
    )


def _headers(said: Body, name: str) -> Body:
    return {key.lower(): value for key, value in inside(said, name).items()}


def _cost(record: Mapping[str, Any]) -> Decimal | None:
    """Dollars; another currency is nobody's claim of them."""
    cost = first_number(record, ("cost",))
    currency = text_in(record, "cost_currency") or "USD"
    return cost * CENT if cost is not None and cost >= 0 and currency.upper() == "USD" else None


def _told(record: Mapping[str, Any]) -> Mapping[str, Any]:
    names = ("config", "organisation_id", "workspace_slug", "workspace_id")
    return {name: text for name in names if (text := text_in(record, name))}
