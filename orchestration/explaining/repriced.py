"""The SQL that prices requests of a month where they would go: parameters of `what_if.py`.

The rule is that of the run (macros/prices/prices.sql, rating/int_volume_uses.sql): a context band
prices the whole request, volume bands are used up in the order of start, account by account, and
requests that are there already use theirs, too.
"""

from typing import Final

# Of a request: what it sends decides its context band.
SENT: Final = (
    *("input", "cache_read", "cache_write_5m", "cache_write_1h", "audio_input", "image_input"),
)
# A scale is counted in millionths, and money in pico-units.
PARTS: Final = 1_000_000
REQUESTS: Final = f"""
    SELECT
        request_key, usage_date, started_at, provider, billing_account, model, service_tier,
        lower(region) AS region, status, cache_layer, contracted_cost, price_status,
        {" + ".join(f"coalesce({meter}_quantity, 0)" for meter in SENT)} AS context_quantity
    FROM main.fct_requests
    WHERE usage_date >= $month AND usage_date < $month + INTERVAL 1 MONTH
        AND is_tool_call IS NOT TRUE
"""
IN_FORCE: Final = """
    uses.then_provider = prices.provider AND uses.then_model = prices.model
    AND uses.then_tier = prices.service_tier AND uses.price_region = prices.region
    AND uses.meter = prices.meter
    AND prices.valid_from <= uses.started_at AND uses.started_at < prices.valid_to
    AND (prices.context_above = 0 OR prices.context_above < uses.context_quantity)
    AND (prices.context_up_to IS NULL OR uses.context_quantity <= prices.context_up_to)
"""
# Whole pico-units of a price per million, half up.
PICO: Final = """
    (CAST({quantity} AS hugeint) * CAST(CAST(prices.contracted_unit_price_per_million
        * 1000000000000 AS decimal(38, 0)) AS hugeint) + {half}) // {whole}
"""
PART_PICO: Final = PICO.format(
    quantity="prices.part_units", half=PARTS * PARTS // 2, whole=PARTS * PARTS
)
REPRICED: Final = f"""
WITH prices AS (SELECT * FROM main.dim_prices),
regions AS (
    SELECT provider, model, region, min(valid_from) AS valid_from, max(valid_to) AS valid_to
    FROM prices WHERE region <> '*' GROUP BY ALL
),
fees AS (
    SELECT provider, model, region, min(valid_from) AS valid_from, max(valid_to) AS valid_to
    FROM prices WHERE meter = 'requests' AND contracted_unit_price_per_million IS NOT NULL
    GROUP BY ALL
),
banded AS (
    SELECT DISTINCT provider, model, service_tier, meter FROM prices
    WHERE volume_above > 0 OR volume_up_to IS NOT NULL
),
requests AS ({REQUESTS}),
-- what changes its provider is charged to that provider's only account, else to a new one
accounts AS (
    SELECT provider, CASE WHEN count(DISTINCT billing_account) = 1 THEN min(billing_account) END
        AS billing_account
    FROM requests GROUP BY provider
),
placed AS (
    SELECT
        requests.*,
        coalesce($to_provider, CASE WHEN requests.provider IN (SELECT unnest($sellers))
            THEN requests.provider ELSE $else_provider END) AS then_provider,
        coalesce($to_model, requests.model) AS then_model,
        coalesce($to_tier, requests.service_tier) AS then_tier
    FROM requests SEMI JOIN slice USING (request_key, usage_date)
),
moved AS (
    SELECT
        placed.*,
        placed.then_provider = placed.provider AND placed.then_model = placed.model AS is_same,
        CASE WHEN placed.then_provider = placed.provider THEN placed.billing_account
            ELSE accounts.billing_account END AS account,
        coalesce(regions.region, '*') AS price_region
    FROM placed
    LEFT JOIN accounts ON placed.then_provider = accounts.provider
    LEFT JOIN regions ON placed.then_provider = regions.provider
        AND placed.then_model = regions.model AND placed.region = regions.region
        AND regions.valid_from <= placed.started_at AND placed.started_at < regions.valid_to
),
-- a fee by the request is the target's own
metered AS (
    SELECT moved.*, meters.meter, meters.quantity
    FROM moved
    JOIN main.fct_request_meters AS meters USING (request_key, usage_date)
    WHERE meters.meter <> 'requests' OR moved.is_same
    UNION ALL
    SELECT moved.*, 'requests', 1
    FROM moved
    JOIN fees ON moved.then_provider = fees.provider AND moved.then_model = fees.model
        AND moved.price_region = fees.region
        AND fees.valid_from <= moved.started_at AND moved.started_at < fees.valid_to
    WHERE NOT moved.is_same AND moved.status = 'success'
        AND coalesce(moved.cache_layer, 'none') IN ('none', 'provider_prefix')
),
uses AS (
    SELECT metered.*, banded.meter IS NOT NULL AS is_banded
    FROM metered
    LEFT JOIN banded ON metered.then_provider = banded.provider
        AND metered.then_model = banded.model AND metered.then_tier = banded.service_tier
        AND metered.meter = banded.meter
),
-- requests that stay as they are use the bands, too
counted AS (
    SELECT request_key, then_provider, then_model, then_tier, meter, account, started_at,
        true AS is_moved, CAST(quantity AS hugeint) * $parts AS units
    FROM uses WHERE is_banded
    UNION ALL
    SELECT requests.request_key, requests.provider, requests.model, requests.service_tier,
        meters.meter, requests.billing_account, requests.started_at, false,
        CAST(meters.quantity AS hugeint) * {PARTS}
    FROM requests ANTI JOIN slice USING (request_key, usage_date)
    JOIN main.fct_request_meters AS meters USING (request_key, usage_date)
    WHERE (requests.provider, requests.model, requests.service_tier, meters.meter)
        IN (SELECT DISTINCT (then_provider, then_model, then_tier, meter) FROM uses WHERE is_banded)
),
running AS (
    SELECT *, coalesce(sum(units) OVER (
        PARTITION BY account, then_provider, then_model, then_tier, meter,
            date_trunc('month', started_at)
        ORDER BY started_at NULLS LAST, request_key NULLS LAST
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0)::hugeint AS units_before
    FROM counted
),
banded_parts AS (
    SELECT
        uses.*, running.units,
        prices.contracted_unit_price_per_million,
        least(running.units_before + running.units,
            coalesce(CAST(prices.volume_up_to AS hugeint) * {PARTS},
                running.units_before + running.units))
        - greatest(running.units_before, CAST(prices.volume_above AS hugeint) * {PARTS})
            AS part_units
    FROM uses
    JOIN running ON running.is_moved AND uses.request_key = running.request_key
        AND uses.meter = running.meter
    LEFT JOIN prices ON {IN_FORCE}
    WHERE uses.is_banded
),
banded_costs AS (
    SELECT request_key, provider, model, service_tier, then_provider, meter, quantity,
        CASE WHEN sum(part_units) FILTER (WHERE part_units > 0
                AND contracted_unit_price_per_million IS NOT NULL) = any_value(units)
            THEN sum({PART_PICO})
                FILTER (WHERE part_units > 0) END AS pico
    FROM banded_parts AS prices
    GROUP BY ALL
),
costs AS (
    SELECT uses.provider, uses.model, uses.service_tier, uses.then_provider, uses.meter,
        uses.quantity,
        {PICO.format(quantity="uses.quantity", half=PARTS // 2, whole=PARTS)} * $parts AS parts_pico
    FROM uses
    LEFT JOIN prices ON {IN_FORCE} AND prices.volume_above = 0
    WHERE NOT uses.is_banded
    UNION ALL
    SELECT provider, model, service_tier, then_provider, meter, quantity, pico * {PARTS}
    FROM banded_costs
),
meters AS (
    SELECT provider, model, service_tier, then_provider, meter,
        sum(parts_pico)::hugeint // {PARTS} AS pico,
        sum(quantity) FILTER (WHERE parts_pico IS NULL) AS unpriced
    FROM costs GROUP BY ALL
),
thens AS (
    SELECT provider, model, service_tier, then_provider,
        sum(pico) AS pico,
        string_agg(meter || ' ' || unpriced, ', ' ORDER BY meter)
            FILTER (WHERE unpriced > 0) AS unpriced
    FROM meters GROUP BY ALL
),
nows AS (
    SELECT provider, model, service_tier, then_provider, any_value(then_model) AS then_model,
        any_value(then_tier) AS then_tier, count(*) AS requests,
        count(*) - count(contracted_cost) AS requests_unpriced,
        count(*) FILTER (WHERE contracted_cost IS NULL AND used.request_key IS NULL) AS untold,
        sum(contracted_cost) AS cost
    FROM moved
    LEFT JOIN (SELECT DISTINCT request_key FROM uses) AS used USING (request_key)
    GROUP BY provider, model, service_tier, then_provider
),
told AS (
    SELECT nows.provider, nows.model, nows.service_tier, nows.then_provider, then_model, then_tier,
        requests, requests_unpriced,
        CASE WHEN requests_unpriced = 0 THEN cost END AS now,
        CASE WHEN untold = 0 AND unpriced IS NULL THEN
            CAST(CAST(coalesce(pico, 0) AS decimal(38, 0)) * 0.000000000001::decimal(12, 12)
                AS decimal(38, 12)) END AS then_cost,
        concat_ws(', ', unpriced, CASE WHEN untold > 0 THEN 'requests that tell no usage '
            || untold END) AS unpriced
    FROM nows
    LEFT JOIN thens ON nows.provider = thens.provider AND nows.model = thens.model
        AND nows.service_tier = thens.service_tier AND nows.then_provider = thens.then_provider
)
SELECT provider, model, service_tier, then_provider, then_model, then_tier, requests,
    requests_unpriced, now, then_cost, then_cost - now, nullif(unpriced, '')
FROM told
ORDER BY now DESC NULLS LAST, provider, model, service_tier
"""
