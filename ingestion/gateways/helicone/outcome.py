"""What became of a request that Helicone logged."""

from dataclasses import dataclass
from typing import Final

from ingestion.gateways.bodies.answer import error_of
from ingestion.gateways.helicone.record import STATUS, Said, body_in, status_of
from ingestion.gateways.spans.values import first_said
from ingestion.reading.unreadable import Unreadable, shown

CANCELLED: Final = -3
# Its own statuses: nobody answered, or it refused the call itself.
OWN: Final = {-1: "timeout", -2: "pending", CANCELLED: "cancelled", -4: "threat"}
# What such a call used is not known to be nothing.
MAY_HAVE_RUN: Final = (-1, -2, CANCELLED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`ran`: whether a provider may have billed it where no usage is said."""

    status: str
    http_status: int | None
    error_class: str | None
    ran: bool


def outcome(said: Said) -> Outcome:
    code = status_of(said)
    if code is None:
        name, value = first_said(said, STATUS) or (STATUS[0], None)
        raise Unreadable(name, "not a status", value=shown(value))
    failed = not 100 <= code < 400
    return Outcome(
        status="cancelled" if code == CANCELLED else "error" if failed else "success",
        http_status=code if 100 <= code <= 599 else None,
        error_class=OWN.get(code) or (error_of(body_in(said, "response_body")) if failed else None),
        ran=not failed or code in MAY_HAVE_RUN,
    )
