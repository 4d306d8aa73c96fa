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

-- joined once: of a request its key, all that is summed and all that a claim is compared with
measured as (
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
        requests.cache_layer,
        {{ owner_columns('requests') }},
        requests.gateway_cost,
        costs.request_key is null as uses_nothing,
        costs.contracted_cost_pico as contracted_pico,
        case
            when requests.is_untold then null
            when costs.request_key is null then 0
            when costs.meters = costs.priced_meters then costs.list_cost_pico
        end as list_pico,
        case
            when requests.is_untold then null
            when costs.request_key is null then 0
            when costs.meters = costs.contracted_meters then costs.contracted_cost_pico
        end as contracted_cost_pico
    from requests
    left join costs on requests.request_key = costs.request_key
),

-- an amount becomes pico-units by a division: that of a sum is one, and exact
totals as (
    select
        usage_date,
        max(day_hash) as day_hash,
        source,
        provider,
        model,
        count(*) as requests,
        count(gateway_cost) as requests_with_claim,
        count(*) - count(list_pico) as requests_unpriced,
        coalesce({{ to_pico('sum(gateway_cost)') }}, 0) as gateway_cost_pico,
        coalesce(sum(list_pico), 0) as list_cost_pico,
        count(*) filter (where tokens_estimated) as requests_tokens_estimated,
        count(*) filter (where cache_ttl_assumed) as requests_cache_ttl_assumed,
        sum(contracted_cost_pico) as contracted_cost_pico
        {%- for dimension in owner_dimensions() %},
        count(*) filter (where {{ dimension }} <> '__unallocated__') as {{ dimension }}_owned_requests,
        sum(contracted_cost_pico) filter (where {{ dimension }} <> '__unallocated__') as {{ dimension }}_owned_pico
        {%- endfor %}
    from measured
    group by usage_date, source, provider, model
),

-- most claims are right: nothing more is asked of them
differing as (
    select
        request_key,
        usage_date,
        source,
        provider,
        model,
        service_tier,
        price_region,
        context_band,
        context_quantity,
        started_at,
        tokens_estimated,
        {{ answered_by_gateway('cache_layer') }} as is_cache_hit,
        uses_nothing,
        coalesce({{ to_pico('gateway_cost') }}, 0) as claim_pico,
        list_pico,
        contracted_pico
    from measured
    where coalesce(gateway_cost, 0) <> coalesce({{ from_pico('list_pico') }}, 0)
),

measured_apart as (
    select
        *,
        claim_pico - coalesce(list_pico, 0) as drift_pico,
        {{ claim_tolerance('claim_pico') }} as tolerance_pico
    from differing
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
    from measured_apart
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

by_cause as (
    select
        compared.usage_date,
        compared.source,
        compared.provider,
        compared.model
        {%- for cause in var('drift_causes') %},
        coalesce(sum(attributed.pico) filter (where attributed.cause = '{{ cause }}'), 0) as {{ cause }}_pico
        {%- endfor %}
    from attributed
    inner join compared on attributed.request_key = compared.request_key
    group by compared.usage_date, compared.source, compared.provider, compared.model
),

final as (
    select
        totals.*
        {%- for cause in var('drift_causes') %},
        coalesce(by_cause.{{ cause }}_pico, 0) as {{ cause }}_pico
        {%- endfor %}
    from totals
    left join by_cause
        on
            totals.usage_date = by_cause.usage_date
            and totals.source = by_cause.source
            and totals.provider = by_cause.provider
            and totals.model = by_cause.model
)

select * from final
