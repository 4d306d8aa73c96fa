"""How Helicone's API and its table spell what a request says: the first name that says something.

The API has `response_status`, `delay_ms`, `request_properties`, its `cost` in dollars; the table
`status`, `latency`, `properties`, and `cost` in whole billionths of a dollar.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from ingestion.gateways.bodies.body import Body, body_of
from ingestion.gateways.spans.held import held
from ingestion.gateways.spans.values import first_number, first_text
from ingestion.reading.exact_numbers import PICO

Said = Mapping[str, Any]
EXPECTED: Final = (
    "no request of Helicone: expected `request_created_at`, `request_id` or `response_id`, and"
    " `response_status` (`status` in its table)"
)
TIME: Final = "request_created_at"
STATUS: Final = ("response_status", "status")
LATENCY: Final = ("delay_ms", "latency")
MODEL: Final = ("request_model", "model")
USER: Final = ("request_user_id", "user_id")
PROPERTIES: Final = ("request_properties", "properties")
# Names that the API has alone: where one stands, the cost is in dollars.
OF_THE_API: Final = (
    *("response_status", "delay_ms", "request_user_id", "request_properties", "signed_body_url"),
    *("request_model", "total_tokens"),
)
BILLIONTH: Final = Decimal("1e-9")
# Ids of nothing: ClickHouse has no NULL there.
NO_ID: Final = "00000000-0000-0000-0000-000000000000"
# What JavaScript makes of no user.
NOBODY: Final = frozenset(("undefined", "null", "none", "[object object]"))
# Helicone's own properties, beside those that a caller chose.
OWN: Final = "helicone-"
SESSION: Final = "helicone-session-id"


def id_in(said: Said, *names: str) -> str | None:
    found = first_text(said, names)
    return None if found == NO_ID else found


def user_of(said: Said) -> str | None:
    user = first_text(said, USER)
    return None if user is None or user.lower() in NOBODY else user


def status_of(said: Said) -> int | None:
    status = first_number(said, STATUS)
    return None if status is None or status != status.to_integral_value() else int(status)


def properties_of(said: Said) -> dict[str, Any]:
    """By lower-case name: an object, its JSON, or a map as ClickHouse writes it into a cell."""
    for name in PROPERTIES:
        found = _opened(said.get(name))
        if isinstance(found, dict):
            return {str(key).lower(): value for key, value in found.items()}
    return {}


def body_in(said: Said, name: str) -> Body:
    return body_of(_opened(said.get(name)))


def _opened(value: Any) -> Any:
    """The export tool doubles the quotes of an object's JSON, and then those of its cell."""
    found = held(value)
    if found is None and isinstance(value, str) and '""' in value:
        found = held(value.replace('""', '"'))
    return found


def cost_of(said: Said) -> Decimal | None:
    """In dollars. The table counts whole billionths: a fraction there was divided by its query."""
    cost = first_number(said, ("cost",))
    if cost is None or cost < 0:
        return None
    is_of_api = any(name in said for name in OF_THE_API)
    if not is_of_api and cost == cost.to_integral_value():
        cost *= BILLIONTH
    return cost.quantize(PICO)
