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

from ingestion.vocabulary import OWNERS
from orchestration.terminal.tables import as_table

# of one dimension; the dearest come first
MOST: Final = 20
LAST_DAYS: Final = 31  # an old place that nobody writes to any more is none
# The word of a caller's tag -> its dimension: `tag:env` of the default places is an environment's.
WORDS: Final = {
    place.removeprefix("tag:"): dimension
    for dimension, owner in OWNERS.items()
    for place in owner.places
    if place.startswith("tag:")
}
# The last part of a path, a tag's key or the end of a header's name, in lower case.
ENDS: Final = (
    r"(?:^|[.:_-]|customer|user|account|tenant|org|client|subscription)"
    rf"({'|'.join(WORDS)})(?:[_-]?(?:id|name))?$"
)
# What is called so and is nobody's owner: the provider's own tiers.
OTHERS: Final = r"(?:service|serving|cache|usage|rate_?limit|pricing)[_-]?tier$"
WRITTEN: Final = ("tag:", "metadata:", "header:")
PLAIN: Final = re.compile(r"[\w.:-]+")

# Of objects that were replaced nothing counts, and of the sinks of one request one does.
PLACES: Final = """
    WITH newest AS (
        SELECT max(started_at) - INTERVAL {days} DAY AS since FROM landing.requests
    ),

    said AS (
        SELECT
            requests.request_key,
            requests.gateway_cost AS cost,
            unnest(
                list_transform(
                    coalesce(json_keys(requests.attributes, '$.tags'), []), lambda k: 'tag:' || k
                )
                || list_transform(
                    coalesce(json_keys(requests.attributes, '$.metadata'), []),
                    lambda k: 'metadata:' || k
                )
                || list_transform(
                    coalesce(json_keys(requests.attributes, '$.headers'), []),
                    lambda k: 'header:' || k
                )
                || coalesce(json_keys(requests.unnamed_attributes), [])
            ) AS place
        FROM landing.requests AS requests
        INNER JOIN landing.objects AS objects
            ON
                requests.source = objects.source
                AND requests.batch = objects.batch
                AND requests.object_no = objects.object_no
        CROSS JOIN newest
        WHERE objects.is_current AND requests.started_at > newest.since
    ),

    by_request AS (
        SELECT place, request_key, max(cost) AS cost
        FROM said
        WHERE regexp_matches(place, $ends) AND NOT regexp_matches(place, $others)
        GROUP BY ALL
    )

    SELECT regexp_extract(place, $ends, 1) AS word, place, count(*), sum(cost)
    FROM by_request
    GROUP BY ALL
    ORDER BY sum(cost) DESC NULLS LAST, count(*) DESC, place
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
    rows = connection.execute(PLACES.format(days=days), {"ends": ENDS, "others": OTHERS}).fetchall()
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
