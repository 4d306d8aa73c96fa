{{ config(materialized='view') }}
-- One row per usage date x source x owner x provider x model that was asked first: calls, how they went on, and what
-- their legs cost by role. A call is what has one call id, else one request id; a leg of the next day is a call of its own.
with legs as (
    {{ legs_of_calls() }}
),

calls as (
    select
        usage_date,
        source,
        call_key,
        count(*) as legs,
        count(*) filter (where role = 'retry') as retries,
        count(*) filter (where role = 'fallback') as fallbacks,
        count(*) filter (where role = 'escalation') as escalations,
        count(*) - count(contracted_cost) as legs_unpriced,
        {%- for role in ['retry', 'fallback', 'escalation'] %}
        coalesce(sum(contracted_cost) filter (where role = '{{ role }}'), 0) as {{ role }}_cost,
        {%- endfor %}
        coalesce(sum(contracted_cost) filter (where legs_left > 1), 0) as earlier_legs_cost,
        coalesce(sum(contracted_cost), 0) as contracted_cost
    from legs
    group by usage_date, source, call_key
),

summed as (
    select
        first_legs.usage_date,
        first_legs.source,
        {{ owner_columns('first_legs') }},
        first_legs.provider,
        first_legs.model as first_model,
        count(*) as calls,
        cast(sum(calls.legs) as bigint) as legs,
        count(*) filter (where calls.retries > 0) as retried_calls,
        count(*) filter (where calls.fallbacks > 0) as fallback_calls,
        count(*) filter (where calls.escalations > 0) as escalated_calls,
        cast(sum(calls.legs_unpriced) as bigint) as legs_unpriced,
        sum(calls.retry_cost) as retry_cost,
        sum(calls.fallback_cost) as fallback_cost,
        sum(calls.escalation_cost) as escalation_cost,
        sum(calls.earlier_legs_cost) as earlier_legs_cost,
        sum(calls.contracted_cost) as contracted_cost
    from legs as first_legs
    inner join calls
        on
            first_legs.usage_date = calls.usage_date
            and first_legs.source = calls.source
            and first_legs.call_key = calls.call_key
    where first_legs.leg = 1
    group by
        first_legs.usage_date,
        first_legs.source,
        {{ owner_columns('first_legs') }},
        first_legs.provider,
        first_legs.model
),

final as (
    select
        usage_date,
        source,
        {{ owner_columns() }},
        provider,
        first_model,
        calls,
        legs,
        retried_calls,
        fallback_calls,
        escalated_calls,
        cast({{ percent_of('escalated_calls', 'calls') }} as decimal(18, 2)) as escalation_rate,
        contracted_cost - retry_cost - fallback_cost - escalation_cost as primary_cost,
        retry_cost,
        fallback_cost,
        escalation_cost,
        earlier_legs_cost,
        contracted_cost,
        case when legs_unpriced = 0 then {{ unit_cost('contracted_cost', 'calls') }} end as cost_per_call,
        legs_unpriced
    from summed
)

select * from final
