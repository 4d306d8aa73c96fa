-- One row per billing month x scope (the company, or a team alone) x segment (team x feature x provider x model x
-- service tier), or x team x cause of what no request explains: what it cost more or less than in the month before, and
-- because of what. The effects of a row sum to its change. Only months whose month before has money. A segment with
-- use that has no price, in either month, is not compared: its effects are NULL and those of others are without it.
{%- set segment = ['team', 'feature', 'provider', 'model', 'service_tier'] %}
with allocations as not materialized (
    select * from {{ ref('fct_cost_allocations') }}
),

cells as (
    select * from {{ ref('int_cells') }}
),

months as (
    select distinct billing_month from allocations
),

by_meter as (
    select
        billing_month,
        {{ segment | join(', ') }},
        meter,
        {{ to_pico('sum(' ~ basis_cost() ~ ' + coalesce(estimated_cost, 0))') }} as cost,
        cast(sum(coalesce(quantity, 0)) as bigint) as quantity,
        {{ unpriced_units() }} as unpriced_quantity
    from allocations
    where residual_cause is null
    group by billing_month, {{ segment | join(', ') }}, meter
),

requests as (
    select
        {{ first_of_month('usage_date') }} as billing_month,
        {{ segment | join(', ') }},
        cast(sum(requests) as bigint) as requests
    from cells
    group by {{ first_of_month('usage_date') }}, {{ segment | join(', ') }}
),

-- each meter of a segment in a month and in the one before
meters_of_both as (
    select
        billing_month,
        {{ segment | join(', ') }},
        meter,
        cost,
        quantity,
        unpriced_quantity,
        0 as requests,
        cast(0 as decimal(38, 0)) as cost_before,
        0 as quantity_before,
        0 as unpriced_quantity_before,
        0 as requests_before
    from by_meter
    union all
    select
        cast(billing_month + interval 1 month as date),
        {{ segment | join(', ') }},
        meter,
        0,
        0,
        0,
        0,
        cost,
        quantity,
        unpriced_quantity,
        0
    from by_meter
    union all
    select
        billing_month,
        {{ segment | join(', ') }},
        null,
        0,
        0,
        0,
        requests,
        0,
        0,
        0,
        0
    from requests
    union all
    select
        cast(billing_month + interval 1 month as date),
        {{ segment | join(', ') }},
        null,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        requests
    from requests
),

compared as (
    select * from meters_of_both
    where
        billing_month in (select billing_month from months)
        and billing_month - interval 1 month in (select billing_month from months)
),

meters as (
    select
        billing_month,
        {{ segment | join(', ') }},
        meter,
        sum(cost) as cost,
        sum(quantity) as quantity,
        sum(unpriced_quantity) as unpriced_quantity,
        sum(requests) as requests,
        sum(cost_before) as cost_before,
        sum(quantity_before) as quantity_before,
        sum(unpriced_quantity_before) as unpriced_quantity_before,
        sum(requests_before) as requests_before
    from compared
    group by billing_month, {{ segment | join(', ') }}, meter
),

segments as (
    select
        billing_month,
        {{ segment | join(', ') }},
        sum(cost) as cost,
        sum(cost_before) as cost_before,
        cast(sum(requests) as bigint) as requests,
        cast(sum(requests_before) as bigint) as requests_before,
        cast(sum(unpriced_quantity) as bigint) as unpriced_quantity,
        cast(sum(unpriced_quantity_before) as bigint) as unpriced_quantity_before,
        sum(unpriced_quantity) = 0 and sum(unpriced_quantity_before) = 0 as is_compared
    from meters
    group by billing_month, {{ segment | join(', ') }}
),

longer as (
    select
        segments.billing_month,
        {%- for column in segment %}
        segments.{{ column }},
        {%- endfor %}
        sum({{ tokens_effect('meters', 'segments') }}) as tokens_effect
    from segments
    inner join meters
        on
            segments.billing_month = meters.billing_month
            {%- for column in segment %}
            and segments.{{ column }} is not distinct from meters.{{ column }}
            {%- endfor %}
    where segments.requests > 0 and segments.requests_before > 0 and meters.meter is not null
    group by segments.billing_month, {% for column in segment %}segments.{{ column }}{{ ", " if not loop.last }}{% endfor %}
),

told as (
    select
        segments.*,
        coalesce(longer.tokens_effect, 0) as tokens_effect
    from segments
    left join longer
        on
            segments.billing_month = longer.billing_month
            {%- for column in segment %}
            and segments.{{ column }} is not distinct from longer.{{ column }}
            {%- endfor %}
),

scoped as (
    select
        'company' as scope,
        *
    from told
    union all
    select
        'team' as scope,
        *
    from told
),

totals as (
    select
        *,
        sum(requests) over (of_scope) as scope_requests,
        sum(requests_before) over (of_scope) as scope_requests_before,
        sum(requests) over (of_feature) as feature_requests,
        sum(requests_before) over (of_feature) as feature_requests_before
    from scoped
    window
        of_scope as (partition by billing_month, scope, is_compared, case when scope = 'team' then team end),
        of_feature as (partition by billing_month, scope, is_compared, team, feature)
),

-- the cost of before at the new number of requests: of the scope, of the feature, of the segment
means as (
    select
        *,
        case
            when scope_requests_before > 0 then {{ at_count('cost_before', 'scope_requests', 'scope_requests_before') }}
            else cost_before
        end as at_volume,
        case
            when feature_requests_before > 0
                then {{ at_count('cost_before', 'feature_requests', 'feature_requests_before') }}
            else cost
        end as at_feature,
        case
            when requests_before > 0 then {{ at_count('cost_before', 'requests', 'requests_before') }}
            else cost
        end as at_segment,
        case when requests_before > 0 then tokens_effect else 0 end as used_effect
    from totals
),

effects as (
    select
        billing_month,
        scope,
        {{ segment | join(', ') }},
        cast(null as string) as residual_cause,
        requests,
        requests_before,
        unpriced_quantity,
        unpriced_quantity_before,
        case when cost <> 0 or unpriced_quantity = 0 then cost end as cost,
        case when cost_before <> 0 or unpriced_quantity_before = 0 then cost_before end as cost_before,
        case when is_compared then at_volume - cost_before end as volume_effect,
        case when is_compared then at_feature - at_volume end as feature_mix_effect,
        case when is_compared then at_segment - at_feature end as model_mix_effect,
        case when is_compared then used_effect end as tokens_effect,
        case when is_compared then cost - at_segment - used_effect end as price_effect,
        cast(0 as decimal(38, 0)) as unexplained_effect
    from means
),

unexplained_of_both as (
    select
        billing_month,
        team,
        provider,
        residual_cause,
        {{ to_pico(basis_cost() ~ ' + coalesce(estimated_cost, 0)') }} as cost,
        cast(0 as decimal(38, 0)) as cost_before
    from allocations
    where residual_cause is not null
    union all
    select
        cast(billing_month + interval 1 month as date),
        team,
        provider,
        residual_cause,
        0,
        {{ to_pico(basis_cost() ~ ' + coalesce(estimated_cost, 0)') }}
    from allocations
    where residual_cause is not null
),

unexplained as (
    select
        billing_month,
        team,
        provider,
        residual_cause,
        sum(cost) as cost,
        sum(cost_before) as cost_before
    from unexplained_of_both
    where
        billing_month in (select billing_month from months)
        and billing_month - interval 1 month in (select billing_month from months)
    group by billing_month, team, provider, residual_cause
),

lines as (
    select * from effects
    {%- for scope in ['company', 'team'] %}
    union all
    select
        billing_month,
        '{{ scope }}',
        team,
        null,
        provider,
        null,
        null,
        residual_cause,
        0,
        0,
        0,
        0,
        cost,
        cost_before,
        0,
        0,
        0,
        0,
        0,
        cost - cost_before
    from unexplained
    {%- endfor %}
),

final as (
    select
        billing_month,
        scope,
        {{ segment | join(', ') }},
        residual_cause,
        requests,
        requests_before,
        unpriced_quantity,
        unpriced_quantity_before,
        {{ from_pico('cost') }} as cost,
        {{ from_pico('cost_before') }} as cost_before,
        {{ from_pico('cost - cost_before') }} as cost_change
        {%- for effect in ['volume', 'feature_mix', 'model_mix', 'tokens', 'price', 'unexplained'] %},
        {{ from_pico(effect ~ '_effect') }} as {{ effect }}_effect
        {%- endfor %}
    from lines
    where
        cost <> 0
        or cost_before <> 0
        or requests > 0
        or requests_before > 0
        or unpriced_quantity > 0
        or unpriced_quantity_before > 0
)

select * from final
