-- One row per month x feature x baseline month of plans.csv: what was planned to be saved, and what became of its cost
-- since the baseline, taken apart into volume, mix, price and efficiency, which sum to the change. What is saved is
-- what mix and efficiency took off; a commitment's saving is its price. Costs no request explains are not here.
{%- set segment = ['team', 'provider', 'model', 'service_tier'] %}
{%- set pair = ['billing_month', 'baseline_month', 'feature'] %}
with planned as (
    select
        month as billing_month,
        baseline_month,
        feature,
        string_agg(lever, ', ' order by lever nulls last) as levers,
        sum({{ to_pico('planned_saving') }}) as planned_pico,
        bool_or(lever = 'commitments') as is_by_price
    from {{ source('landing', 'plans') }}
    group by month, baseline_month, feature
),

by_meter as (
    select
        billing_month,
        feature,
        {{ segment | join(', ') }},
        meter,
        {{ to_pico('sum(' ~ basis_cost() ~ ' + coalesce(estimated_cost, 0))') }} as cost,
        cast(sum(coalesce(quantity, 0)) as bigint) as quantity,
        {{ unpriced_units() }} as unpriced,
        0 as requests
    from {{ ref('fct_cost_allocations') }}
    where residual_cause is null
    group by billing_month, feature, {{ segment | join(', ') }}, meter
    union all
    select
        {{ first_of_month('usage_date') }},
        feature,
        {{ segment | join(', ') }},
        null,
        0,
        0,
        0,
        cast(sum(requests) as bigint)
    from {{ ref('int_cells') }}
    group by {{ first_of_month('usage_date') }}, feature, {{ segment | join(', ') }}
),

of_both as (
    {%- for is_now in [true, false] %}
    select
        {%- for column in pair %}
        planned.{{ column }},
        {%- endfor %}
        {%- for column in segment + ['meter'] %}
        by_meter.{{ column }},
        {%- endfor %}
        {%- for measure in ['cost', 'quantity', 'unpriced', 'requests'] %}
        {{ 'by_meter.' ~ measure if is_now else '0' }} as {{ measure }},
        {{ '0' if is_now else 'by_meter.' ~ measure }} as {{ measure }}_before{{ ',' if not loop.last }}
        {%- endfor %}
    from planned
    inner join by_meter
        on
            planned.feature = by_meter.feature
            and planned.{{ 'billing_month' if is_now else 'baseline_month' }} = by_meter.billing_month
    {{ 'union all' if is_now }}
    {%- endfor %}
),

meters as (
    select
        {{ (pair + segment) | join(', ') }},
        meter,
        {{ key_of(pair + segment) }} as segment_key,
        {%- for measure in ['cost', 'quantity', 'unpriced', 'requests'] %}
        cast(sum({{ measure }}_before) as decimal(38, 0)) as {{ measure }}_before,
        cast(sum({{ measure }}) as decimal(38, 0)) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from of_both
    group by {{ (pair + segment) | join(', ') }}, meter
),

segments as (
    select
        {{ pair | join(', ') }},
        segment_key,
        sum(cost) as cost,
        sum(cost_before) as cost_before,
        sum(unpriced + unpriced_before) as unpriced,
        sum(requests) as requests,
        sum(requests_before) as requests_before
    from meters
    group by {{ pair | join(', ') }}, segment_key
),

longer as (
    select
        segments.segment_key,
        sum({{ tokens_effect('meters', 'segments') }}) as tokens_effect
    from segments
    inner join meters on segments.segment_key = meters.segment_key
    where segments.requests > 0 and segments.requests_before > 0 and meters.meter is not null
    group by segments.segment_key
),

totals as (
    select
        segments.*,
        coalesce(longer.tokens_effect, 0) as tokens_effect,
        sum(segments.requests) over (of_feature) as feature_requests,
        sum(segments.requests_before) over (of_feature) as feature_requests_before
    from segments
    left join longer on segments.segment_key = longer.segment_key
    window of_feature as (partition by segments.billing_month, segments.baseline_month, segments.feature)
),

-- the cost of before at the new number of requests: of the feature, of the segment
means as (
    select
        *,
        case
            when feature_requests_before > 0
                then {{ at_count('cost_before', 'feature_requests', 'feature_requests_before') }}
            else cost_before
        end as at_volume,
        case
            when requests_before > 0 then {{ at_count('cost_before', 'requests', 'requests_before') }}
            else cost
        end as at_segment
    from totals
),

-- what has no price yet costs nobody knows what: then nothing is said to be saved
measured as (
    select
        {{ pair | join(', ') }},
        sum(requests) as requests,
        sum(requests_before) as requests_before,
        sum(unpriced) as unpriced,
        {%- set effects = {
            'cost': 'cost',
            'cost_before': 'cost_before',
            'volume_effect': 'at_volume - cost_before',
            'mix_effect': 'at_segment - at_volume',
            'price_effect': 'cost - at_segment - tokens_effect',
            'efficiency_effect': 'tokens_effect',
        } %}
        {%- for name, effect in effects.items() %}
        case when sum(unpriced) = 0 then sum({{ effect }}) end as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from means
    group by {{ pair | join(', ') }}
    having sum(requests_before) > 0 and sum(requests) > 0
),

told as (
    select
        planned.*,
        {{ all_but(pair | join(', '), of='measured') }},
        -measured.mix_effect - measured.efficiency_effect
        - case when planned.is_by_price then measured.price_effect else 0 end as realised_pico
    from planned
    left join measured
        on
            planned.billing_month = measured.billing_month
            and planned.baseline_month = measured.baseline_month
            and planned.feature = measured.feature
),

final as (
    select
        {{ pair | join(', ') }},
        levers,
        cast(requests as bigint) as requests,
        cast(requests_before as bigint) as requests_before,
        cast(unpriced as bigint) as unpriced_quantity,
        {{ from_pico('cost') }} as cost,
        {{ from_pico('cost_before') }} as cost_before,
        {{ from_pico('cost - cost_before') }} as cost_change,
        {%- for effect in ['volume', 'mix', 'price', 'efficiency'] %}
        {{ from_pico(effect ~ '_effect') }} as {{ effect }}_effect,
        {%- endfor %}
        {{ from_pico('planned_pico') }} as planned_saving,
        {{ from_pico('realised_pico') }} as realised_saving,
        {{ from_pico('realised_pico - planned_pico') }} as above_plan
    from told
)

select * from final
