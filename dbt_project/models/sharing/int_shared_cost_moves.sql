-- One row per allocation x step x owner that bears it: money of a shared cost and who had it before.
-- Rules run by priority, each on what the earlier ones left. `even` gives every owner of the target
-- dimension the same, `fixed` each target its share, `proportional` all of them by the basis, which
-- also decides within an owner. Estimates do not move; what moves is the money of the chargeback's basis.
{%- set rules = shared_cost_rules() %}
{%- set owners = owner_dimensions() %}
{%- set bearers = [] %}
{%- for owner in owners %}{% do bearers.append('to_' ~ owner) %}{% endfor %}
{%- set moved = ['allocation_id', 'charge_id', 'billing_month', 'usage_date', 'showback_date']
    + owners + bearers + ['to_pico', 'step', 'rule_line'] %}
-- depends_on: {{ ref('int_cells') }} {{ ref('int_cell_meters') }}
-- depends_on: {{ source('landing', 'shared_costs') }}
with allocations as (
    select * from {{ ref('int_allocations') }}
),

charges as (
    select charge_id, charge_description from {{ ref('int_charges') }}
),
{%- if rules %}

owner_uses as (
    select
        {{ first_of_month('usage_date') }} as billing_month,
        {{ owners | join(', ') }},
        cast(sum(requests) as bigint) as requests,
        cast(sum(tokens) as bigint) as tokens
    from (
        select
            cells.cell_id,
            cells.usage_date,
            {%- for owner in owners %}
            cells.{{ owner }},
            {%- endfor %}
            max(cells.requests) as requests,
            sum(cell_meters.quantity) filter (where {{ is_token_meter('cell_meters.meter') }}) as tokens
        from {{ ref('int_cells') }} as cells
        left join {{ ref('int_cell_meters') }} as cell_meters on cells.cell_id = cell_meters.cell_id
        group by all
    ) as cell_uses
    group by all
),
{%- endif %}

state_0 as (
    select
        allocations.allocation_id as state_key,
        allocations.allocation_id,
        allocations.charge_id,
        charges.charge_description,
        allocations.billing_month,
        allocations.usage_date,
        allocations.showback_date,
        allocations.provider,
        allocations.billing_account,
        allocations.sub_account,
        allocations.credential_id,
        allocations.model,
        allocations.meter,
        allocations.residual_cause,
        {%- for owner in owners %}
        allocations.{{ owner }},
        {%- endfor %}
        allocations.{{ basis_pico() }} as pico,
        allocations.residual_cause is null as is_direct,
        false as is_kept
    from allocations
    left join charges on allocations.charge_id = charges.charge_id
    where allocations.{{ basis_pico() }} <> 0
),
{% for rule in rules %}
{{ shared_cost_step(loop.index, rule) }}
{%- endfor %}
moves as (
    {%- for rule in rules if rule.method != 'keep' %}
    {{ rows_of('moves_' ~ (rules.index(rule) + 1), moved) }}
    union all
    {%- endfor %}
    select
        allocation_id,
        charge_id,
        billing_month,
        usage_date,
        showback_date,
        {{ owners | join(', ') }},
        {%- for owner in owners %}
        cast(null as varchar) as to_{{ owner }},
        {%- endfor %}
        cast(null as decimal(38, 0)) as to_pico,
        0 as step,
        0 as rule_line
    from state_0
    where false
),

final as (
    select
        moves.allocation_id,
        moves.step,
        moves.rule_line,
        moves.charge_id,
        moves.billing_month,
        moves.usage_date,
        moves.showback_date,
        {%- for owner in owners %}
        moves.{{ owner }} as from_{{ owner }},
        {%- endfor %}
        {%- for owner in owners %}
        moves.to_{{ owner }},
        {%- endfor %}
        cast(sum(moves.to_pico) as decimal(38, 0)) as moved_pico
    from moves
    group by all
)

select * from final
