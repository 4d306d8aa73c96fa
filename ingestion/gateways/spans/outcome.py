"""What became of a call that a span tells."""

import re
from dataclasses import dataclass
from typing import Final

from ingestion.gateways.spans.names import CACHE_HIT, HTTP_STATUS
from ingestion.gateways.spans.span import Span
from ingestion.gateways.spans.values import first_flag, first_text

# As clients of OpenAI and Anthropic put an answer's status into their errors.
CODE: Final = re.compile(r"(?:^|\s)Error code: (\d{3})\b")
# Anthropic's id of the request, which is in no attribute of a failed one.
REQUEST_ID: Final = re.compile(r"'request_id': '(req_\w{8,64})'")
# Nobody answered that the call was refused: what it used is not known to be nothing.
UNANSWERED: Final = re.compile(r"time_?out|cancel|abort|connection|disconnect", re.IGNORECASE)
CANCELLED: Final = re.compile(r"cancel|abort", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`ran`: whether a provider may have billed it where the span says no usage."""

    status: str
    http_status: int | None
    error_class: str | None
    cache_hit: bool
    ran: bool


def outcome(span: Span) -> Outcome:
    error = (span.error_type or "").rpartition(".")[2] or None
    failed = span.is_error or error is not None
    code = _code(span)
    cancelled = failed and bool(error and CANCELLED.search(error))
    hit = first_flag(span.said, CACHE_HIT) is True
    return Outcome(
        status="cancelled" if cancelled else "error" if failed else "success",
        http_status=code,
        error_class=error if failed else None,
        cache_hit=hit,
        ran=not hit and (not failed or bool(error and UNANSWERED.search(error))),
    )


def request_id_in_error(span: Span) -> str | None:
    found = REQUEST_ID.search(span.error_text) if span.is_error else None
    return found[1] if found else None


def _code(span: Span) -> int | None:
    said = first_text(span.said, HTTP_STATUS)
    if said is None and span.is_error and (found := CODE.search(span.error_text)):
        said = found[1]
    code = int(said) if said is not None and said.isdecimal() and len(said) == 3 else None
    return code if code is not None and 100 <= code <= 599 else None
