{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per usage date x source x provider x model: what the gateway claims, what the list says,
-- and the difference by cause. A request's difference has one cause where the request itself tells
-- it; else the fault, or the pair of faults, that explains it is looked for. Also what else is told of a
-- source's day: counts that are estimates, and what requests with an owner cost by contract, NULL where none is known.
with requests as (
    select * from {{ ref('int_requests') }}
    where is_tool_call is not true
),

request_meters as (
    select * from {{ ref('int_request_meters') }}
),

costs as (
    select * from {{ ref('int_request_costs') }}
),

claims as (
    select
        requests.request_key,
        requests.usage_date,
        requests.day_hash,
        requests.source,
        requests.provider,
        requests.model,
        requests.service_tier,
        requests.price_region,
        requests.context_band,
        requests.context_quantity,
        requests.started_at,
        requests.tokens_estimated,
        requests.cache_ttl_assumed,
        {{ owner_columns('requests') }},
        requests.gateway_cost is not null as is_claimed,
        {{ answered_by_gateway('requests.cache_layer') }} as is_cache_hit,
        costs.request_key is null as uses_nothing,
        coalesce({{ to_pico('requests.gateway_cost') }}, 0) as claim_pico,
        case
            when requests.is_untold then null
            when costs.request_key is null then 0
            when costs.meters = costs.priced_meters then costs.list_cost_pico
        end as list_pico,
        costs.contracted_cost_pico as contracted_pico,
        case
            when requests.is_untold then null
            when costs.request_key is null then 0
            when costs.meters = costs.contracted_meters then costs.contracted_cost_pico
        end as contracted_cost_pico
    from requests
    left join costs on requests.request_key = costs.request_key
),

measured as (
    select
        *,
        claim_pico - coalesce(list_pico, 0) as drift_pico
    from claims
),

-- most claims are right: nothing more is asked of them
differing as (
    select
        *,
        {{ claim_tolerance('claim_pico') }} as tolerance_pico
    from measured
    where drift_pico <> 0
),

compared as (
    select
        *,
        case
            when is_cache_hit then 'response_cache_hit'
            when list_pico is null then 'unpriced'
            when uses_nothing then 'no_usage'
            when claim_pico = 0 then 'gateway_unpriced'
            when tokens_estimated then 'estimated_tokens'
            when abs(drift_pico) <= tolerance_pico then 'rounding'
            when abs(claim_pico - contracted_pico) <= tolerance_pico then 'contracted_price'
            else 'to_be_found'
        end as told_cause
    from differing
),

examined as (
    select * from compared
    where told_cause = 'to_be_found'
),

explained as (
    {{ claims_explained('examined', 'request_meters') }}
),

attributed as (
    select request_key, told_cause as cause, drift_pico as pico
    from compared
    where told_cause <> 'to_be_found'
    {%- for fault in ['book', 'first', 'second'] %}
    union all
    select request_key, {{ fault }}_cause, {{ fault }}_pico
    from explained
    where {{ fault }}_cause is not null
    {%- endfor %}
    union all
    select
        request_key,
        case when abs(left_pico) <= tolerance_pico then 'rounding' else 'other' end,
        left_pico
    from explained
),

by_request as (
    select
        request_key
        {%- for cause in var('drift_causes') %},
        coalesce(sum(pico) filter (where cause = '{{ cause }}'), 0) as {{ cause }}_pico
        {%- endfor %}
    from attributed
    group by request_key
),

final as (
    select
        measured.usage_date,
        measured.day_hash,
        measured.source,
        measured.provider,
        measured.model,
        count(*) as requests,
        count(*) filter (where measured.is_claimed) as requests_with_claim,
        count(*) filter (where measured.list_pico is null) as requests_unpriced,
        sum(measured.claim_pico) as gateway_cost_pico,
        sum(coalesce(measured.list_pico, 0)) as list_cost_pico,
        count(*) filter (where measured.tokens_estimated) as requests_tokens_estimated,
        count(*) filter (where measured.cache_ttl_assumed) as requests_cache_ttl_assumed,
        sum(measured.contracted_cost_pico) as contracted_cost_pico
        {%- for dimension in owner_dimensions() %},
        count(*) filter (where measured.{{ dimension }} <> '__unallocated__') as {{ dimension }}_owned_requests,
        sum(measured.contracted_cost_pico) filter (where measured.{{ dimension }} <> '__unallocated__')
            as {{ dimension }}_owned_pico
        {%- endfor %}
        {%- for cause in var('drift_causes') %},
        coalesce(sum(by_request.{{ cause }}_pico), 0) as {{ cause }}_pico
        {%- endfor %}
    from measured
    left join by_request on measured.request_key = by_request.request_key
    group by
        measured.usage_date,
        measured.day_hash,
        measured.source,
        measured.provider,
        measured.model
)

select * from final
