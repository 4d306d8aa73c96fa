"""Places that carry the name of an owner dimension and that no `attribution` reads.

Callers write `metadata:user_tier` or a header `x-team`, and the owner stays unallocated: the place
is told with what hangs on it, and the line of tollbook.yaml that reads it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import duckdb

from orchestration.terminal.tables import as_table
from orchestration.warehouse.owner_places import ENDS, WORDS

# of one dimension; the dearest come first
MOST: Final = 20
LAST_DAYS: Final = 31  # an old place that nobody writes to any more is none
WRITTEN: Final = ("tag:", "metadata:", "header:")
PLAIN: Final = re.compile(r"[\w.:-]+")

# Of objects that were replaced nothing counts. Of two sinks of a source the one that says a place
# more often does: both have written most of the requests.
PLACES: Final = """
    WITH newest AS (
        SELECT max(started_until) - INTERVAL {days} DAY AS since FROM seen.request_days
    ),

    by_sink AS (
        SELECT
            places.source,
            places.evidence_rank,
            places.place,
            sum(places.requests) AS requests,
            sum(places.cost) AS cost
        FROM seen.request_places AS places
        INNER JOIN landing.objects AS objects
            ON
                places.source = objects.source
                AND places.batch = objects.batch
                AND places.object_no = objects.object_no
        CROSS JOIN newest
        WHERE objects.is_current AND places.started_until > newest.since
        GROUP BY ALL
    ),

    by_source AS (
        SELECT source, place, max(requests) AS requests, max(cost) AS cost
        FROM by_sink
        GROUP BY ALL
    )

    SELECT
        regexp_extract(place, $ends, 1) AS word, place,
        CAST(sum(requests) AS BIGINT), sum(cost) AS claimed
    FROM by_source
    GROUP BY ALL
    ORDER BY claimed DESC NULLS LAST, sum(requests) DESC, place
"""


@dataclass(frozen=True, slots=True)
class UnreadPlace:
    """`cost` is what the gateway claims for the requests with it, None where it claims nothing."""

    dimension: str
    place: str
    requests: int
    cost: Decimal | None


def unread_places(
    connection: duckdb.DuckDBPyConnection,
    attribution: Mapping[str, Sequence[str]],
    days: int = LAST_DAYS,
) -> list[UnreadPlace]:
    """Of the newest days of a database with what landed; dollars as the gateway claims them."""
    rows = connection.execute(PLACES.format(days=days), {"ends": ENDS}).fetchall()
    read = {(d, place.strip().lower()) for d, places in attribution.items() for place in places}
    return [
        UnreadPlace(WORDS[word], place, requests, amount)
        for word, place, requests, amount in rows
        if (WORDS[word], place) not in read
    ]


def unread_text(
    unread: Sequence[UnreadPlace],
    attribution: Mapping[str, Sequence[str]],
    currency: str,
) -> str:
    """A table, and a line of tollbook.yaml for each dimension; nothing where all is read."""
    if not unread:
        return ""
    lines, rows = [], []
    for dimension, places in attribution.items():
        found = [each for each in unread if each.dimension == dimension]
        rows += [(dimension, each.place, each.requests, _cents(each.cost)) for each in found[:MOST]]
        if found[MOST:]:
            requests = sum(each.requests for each in found[MOST:])
            rows.append((dimension, f"… {len(found) - MOST} more", requests, ""))
        if found:
            lines.append(f"  {dimension}: [{', '.join(_extended(places, found[:MOST]))}]")
    table = as_table(["dimension", "place", "requests", f"{currency} claimed"], rows)
    return (
        f"\ncarries an owner's name and is not read:\n{table}"
        "take in what names the owner, under `attribution:` in tollbook.yaml:\n"
        + "\n".join(lines)
        + "\n"
    )


def _extended(places: Sequence[str], found: Sequence[UnreadPlace]) -> list[str]:
    """The dimension's places with those found after the last that a caller writes to."""
    written = [n for n, place in enumerate(places, 1) if place.startswith(WRITTEN)]
    last = written[-1] if written else 0
    new = [each.place for each in found]
    return [_flow(place) for place in (*places[:last], *new, *places[last:])]


def _flow(place: str) -> str:
    """As an item of a list of YAML."""
    return place if PLAIN.fullmatch(place) else json.dumps(place, ensure_ascii=False)


def _cents(cost: Decimal | None) -> Decimal | str:
    return "unknown" if cost is None else cost.quantize(Decimal("0.01"))
