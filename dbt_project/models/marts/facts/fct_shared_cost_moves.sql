-- One row per allocation x step x owner that bears it x side: money of a shared cost leaving one owner
-- (negative) and reaching another. Every step sums to 0; allocations and moves together are what an
-- owner costs fully loaded.
{%- set owners = owner_dimensions() %}
with moves as (
    select * from {{ ref('int_shared_cost_moves') }}
),

rules as (
    select * from {{ source('landing', 'shared_costs') }}
),

sided as (
    select
        moves.*,
        'out' as side,
        -moves.moved_pico as amount_pico
        {%- for owner in owners %},
        moves.from_{{ owner }} as {{ owner }}
        {%- endfor %}
    from moves
    union all
    select
        moves.*,
        'in' as side,
        moves.moved_pico as amount_pico
        {%- for owner in owners %},
        moves.to_{{ owner }} as {{ owner }}
        {%- endfor %}
    from moves
),

final as (
    select
        sided.allocation_id,
        sided.step,
        sided.side,
        sided.charge_id,
        sided.billing_month,
        sided.usage_date,
        sided.showback_date,
        {%- for owner in owners %}
        sided.{{ owner }},
        {%- endfor %}
        {%- for owner in owners %}
        sided.from_{{ owner }},
        {%- endfor %}
        {%- for owner in owners %}
        sided.to_{{ owner }},
        {%- endfor %}
        {{ from_pico('sided.amount_pico') }} as amount,
        rules.method,
        rules.basis,
        concat(cast(rules.priority as varchar), ' ', rules.match) as rule
    from sided
    inner join rules on sided.rule_line = rules.line
)

select * from final
