"""What an answer from a gateway's own cache spared: the tokens of the call that it repeats.

Nobody used them, so that no meter has them. They stand in `raw_usage` under `spared`, as disjoint
meters, and dbt makes `avoided_cost` of them (decision 93).
"""

from collections.abc import Callable
from typing import Final

import msgspec

from ingestion.reading.unreadable import Unreadable
from ingestion.records import Row
from ingestion.vocabulary import TOKEN_METERS

SPARED: Final = "spared"
_JSON: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENCODER: Final = msgspec.json.Encoder()


def with_spared(raw_usage: str | None, meters_of: Callable[[], Row]) -> str | None:
    """`meters_of` makes the meters of the call that is repeated. Counts that are none refuse no
    hit: what it spared is unknown then.
    """
    try:
        meters = meters_of()
    except Unreadable:
        return raw_usage
    counts = {meter: count for meter in TOKEN_METERS if (count := meters.get(f"{meter}_quantity"))}
    if not counts:
        return raw_usage
    usage = _JSON.decode(raw_usage) if raw_usage else {}
    return _ENCODER.encode({**usage, SPARED: counts}).decode()
