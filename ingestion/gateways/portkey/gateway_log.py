"""A record of the gateway's own log, as its feed `/log/stream` sends it.

It has an entry of `requestOptions` for each attempt, the last one's answer being the client's.
`response` of the first entry is the answer to the client too, whichever attempt gave it. There is
no metadata and no key; the user is the one of the request's body. Of a stream it has no answer.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingestion.gateways.bodies.answer import status_in
from ingestion.gateways.bodies.body import Body, body_of, inside, text_in
from ingestion.gateways.portkey.call import Call, moment
from ingestion.gateways.spans.values import first_count, first_number
from ingestion.reading.unreadable import Unreadable

ATTEMPTS: Final = "requestOptions"


def calls_of(record: Mapping[str, Any]) -> list[Call]:
    entries = record.get(ATTEMPTS)
    if not isinstance(entries, list) or not entries:
        raise Unreadable(ATTEMPTS, "empty")
    if not all(isinstance(entry, dict) for entry in entries):
        raise Unreadable(ATTEMPTS, "not a list of objects")
    calls = [_call(entry, place, len(entries)) for place, entry in enumerate(entries)]
    first, last = calls[0], calls[-1]
    for call in calls:
        call.call_id = first.id
        call.is_fallback = (call.provider, call.model) != (first.provider, first.model)
    last.status = first_count(record, ("status",))
    last.failed = (last.status or 200) >= 400
    last.answers = (*last.answers, body_of(entries[0].get("response")))
    return calls


def _call(entry: Body, place: int, attempts: int) -> Call:
    options, answer = inside(entry, "providerOptions"), inside(entry, "originalResponse", "body")
    asked = inside(entry, "finalUntransformedRequest", "body") or inside(entry, "requestParams")
    sent = inside(entry, "transformedRequest", "body")
    span = text_in(entry, "hookSpanId")
    return Call(
        id=f"{span}:{place}" if span and place else span,
        started=moment(entry, "createdAt"),
        latency_ms=first_number(entry, ("executionTime",)),
        provider=text_in(options, "provider"),
        url=text_in(options, "requestURL"),
        function=text_in(options, "rubeusURL"),
        asked=asked,
        model=text_in(inside(options, "overrideParams"), "model") or text_in(sent, "model"),
        answers=(answer,),
        # of an attempt before the last only its answer tells what became of it
        status=status_in(answer),
        failed="error" in answer and answer["error"] is not None,
        cache=text_in(entry, "cacheStatus"),
        attempt=place,
        attempts=attempts,
    )
