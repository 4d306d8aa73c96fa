"""Places of a request's attributes that carry the name of an owner dimension, whoever reads them.

`tag:team_id`, `metadata:app.user_tier` and `header:x-acme-team` do; `tag:service_tier` is the
provider's own.
"""

from typing import Final

from ingestion.vocabulary import OWNERS

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
# One row per landed file, object, sink and such a place: its requests, what the gateway claims for
# them, and when the newest started. From `{rows}` of landed requests, few of which name other
# places than those before them.
PLACES: Final = f"""
    WITH alike AS (
        SELECT
            file, source, batch, object_no, evidence_rank,
            json_keys(attributes, ['$.tags', '$.metadata', '$.headers']) AS keys,
            json_keys(unnamed_attributes) AS unnamed,
            max(started_at) AS started_until, count(*) AS requests, sum(gateway_cost) AS cost
        FROM {{rows}}
        GROUP BY ALL
    ),

    placed AS (
        SELECT
            * EXCLUDE (keys, unnamed),
            unnest(
                list_transform(coalesce(keys[1], []), lambda key: 'tag:' || key)
                || list_transform(coalesce(keys[2], []), lambda key: 'metadata:' || key)
                || list_transform(coalesce(keys[3], []), lambda key: 'header:' || key)
                || coalesce(unnamed, [])
            ) AS place
        FROM alike
    )

    SELECT
        file, source, batch, object_no, evidence_rank, place,
        max(started_until) AS started_until,
        CAST(sum(requests) AS BIGINT) AS requests, sum(cost) AS cost
    FROM placed
    WHERE regexp_matches(place, '{ENDS}') AND NOT regexp_matches(place, '{OTHERS}')
    GROUP BY ALL
"""
