-- One row per billing month x kind x subject: from how much use on something that is paid for at once costs less than
-- paying by use: a pool of own capacity against the month's API price of a token, a commitment against list price, a
-- fine-tuned model against what its feature's requests cost now. Costs are contracted ones by the book.
with uses as (
    select
        *,
        {{ first_of_month('usage_date') }} as billing_month
    from {{ ref('int_lever_uses') }}
),

api as (
    select
        billing_month,
        cast(sum(quantity - quantity_unpriced) as decimal(38, 0)) as tokens,
        sum(cost_pico) as cost_pico
    from uses
    where provider <> 'own' and {{ is_token_meter('meter') }}
    group by billing_month
),

pools as (
    select
        own_tokens.billing_month,
        'own_capacity' as kind,
        own_tokens.billing_account as subject,
        'a token of any API of the month' as baseline,
        'tokens' as unit,
        {{ to_pico('own_tokens.total_cost') }} as fixed_pico,
        api.cost_pico as now_pico,
        cast(0 as decimal(38, 0)) as then_pico,
        api.tokens as units,
        {{ to_pico('own_tokens.tokens') }} as quantity_pico
    from {{ ref('mart_own_tokens_monthly') }} as own_tokens
    left join api on own_tokens.billing_month = api.billing_month
),

commitments as (
    select
        billing_month,
        'commitment' as kind,
        commitment_id as subject,
        'list price' as baseline,
        'usage at list price' as unit,
        {{ to_pico('commitment_cost') }} as fixed_pico,
        {{ to_pico('1') }} as now_pico,
        cast(0 as decimal(38, 0)) as then_pico,
        cast(1 as decimal(38, 0)) as units,
        {{ to_pico('used_amount') }} as quantity_pico
    from {{ ref('mart_commitments_monthly') }}
),

tunings as (
    select
        features.feature,
        levers.provider,
        levers.model,
        {{ to_pico('levers.one_time_cost') }} as fixed_pico,
        {{ to_pico('levers.unit_cost') }} as unit_pico,
        row_number() over (
            partition by features.feature order by {{ glob_rank('levers.feature') }} desc nulls last
        ) as choice
    from (select distinct feature from uses) as features
    inner join {{ source('landing', 'levers') }} as levers
        on levers.lever = 'fine_tuning' and {{ glob_match('features.feature', 'levers.feature') }}
),

costs as (
    select
        billing_month,
        feature,
        provider,
        model,
        sum(cost_pico) as cost_pico,
        0 as requests
    from uses
    group by billing_month, feature, provider, model
    union all
    select
        {{ first_of_month('usage_date') }},
        feature,
        provider,
        model,
        0,
        cast(sum(requests) as bigint)
    from {{ ref('int_cells') }}
    group by {{ first_of_month('usage_date') }}, feature, provider, model
),

tuned as (
    select
        costs.billing_month,
        'fine_tuning' as kind,
        costs.feature as subject,
        'a request of it at ' || coalesce(max(tunings.provider) || '/', '') || coalesce(max(tunings.model), 'its models')
        || ' now' as baseline,
        'requests' as unit,
        max(tunings.fixed_pico) as fixed_pico,
        sum(costs.cost_pico) as now_pico,
        cast(max(tunings.unit_pico) * sum(costs.requests) as decimal(38, 0)) as then_pico,
        cast(sum(costs.requests) as decimal(38, 0)) as units,
        {{ to_pico('sum(costs.requests)') }} as quantity_pico
    from costs
    inner join tunings
        on
            costs.feature = tunings.feature
            and tunings.choice = 1
            and costs.provider = coalesce(tunings.provider, costs.provider)
            and costs.model = coalesce(tunings.model, costs.model)
    group by costs.billing_month, costs.feature
    having sum(costs.requests) > 0
),

asked as (
    select * from pools
    union all
    select * from commitments
    union all
    select * from tuned
),

-- a commitment is counted in money, all else in whole units, rounded up
answered as (
    select
        *,
        case
            when not now_pico > then_pico then null
            when kind = 'commitment' then fixed_pico
            else {{ to_pico('(' ~ split_floor('fixed_pico', 'units', '(now_pico - then_pico)') ~ ' + case when '
                ~ split_remainder('fixed_pico', 'units', '(now_pico - then_pico)') ~ ' > 0 then 1 else 0 end)') }}
        end as break_even_pico,
        case
            when units > 0 and now_pico >= then_pico
                then {{ split_floor('quantity_pico', '(now_pico - then_pico)', '(units * 1000000000000)') }}
        end as spared_pico
    from asked
),

final as (
    select
        billing_month,
        kind,
        subject,
        baseline,
        unit,
        {{ from_pico('fixed_pico') }} as fixed_cost,
        case when units > 0 then {{ from_pico(split_floor('now_pico', '1', 'units')) }} end as unit_cost_now,
        case when units > 0 then {{ from_pico(split_floor('then_pico', '1', 'units')) }} end as unit_cost_then,
        {{ from_pico('break_even_pico') }} as break_even_quantity,
        {{ from_pico('quantity_pico') }} as quantity,
        {{ from_pico('spared_pico') }} as spared_cost,
        quantity_pico >= break_even_pico as is_reached
    from answered
)

select * from final
