-- One row per billing month x provider x billing account x team x cost centre x feature x internal price of
-- rate_card.csv (scope, method, meter, value): what it cost and what the team is charged for it. Of the prices in force
-- on a day one decides each piece of money: a customer's before a feature's before a team's, one of the meter before one
-- of none. A customer's money is its share, by quantity, of the cells that its requests are in: what no request explains
-- is no customer's. Prices per request count answered requests in the month of their day, and stand for all that requests
-- explain; estimates have none yet. method and recovered_cost are NULL where a price per million of others of a scope's
-- meters is there and none of this one. A closed month is what its ledger says.
with closed_months as (
    select * from {{ source('ledger', 'closed_months') }}
),

closed as (
    select * from {{ source('ledger', 'closed_recovery') }}
),

rates as (
    select
        scope,
        scope_id,
        method,
        meter,
        value,
        valid_from,
        valid_to
    from {{ source('landing', 'rate_card') }}
),

-- none where there is no card
lines as (
    select * from {{ ref('int_chargeback_lines') }}
    where
        component <> 'timing'
        and cost_basis = 'billed'
        and billing_month not in (select billing_month from closed_months)
        and exists (select 1 from rates)
),

-- none where the card names no customer: what is read of days below is read of none
open_days as (
    select distinct usage_date from lines
    where exists (select 1 from rates where scope = 'customer')
),

cells as (
    select * from {{ ref('int_cells') }}
),

cell_meters as (
    select * from {{ ref('int_cell_meters') }}
    where usage_date in (select usage_date from open_days)
),

allocations as (
    select * from {{ ref('fct_cost_allocations') }}
    where usage_date in (select usage_date from open_days)
),

requests as (
    select * from {{ ref('fct_requests') }}
    where usage_date in (select usage_date from open_days)
),

request_meters as (
    select * from {{ ref('fct_request_meters') }}
    where usage_date in (select usage_date from open_days)
),

customers_requests as (
    {{ requests_of_customers('requests', 'rates', 'open_days') }}
),

customers_meters as (
    select
        customers_requests.cell_id,
        customers_requests.usage_date,
        customers_requests.customer,
        request_meters.meter,
        cast(sum(request_meters.quantity) as bigint) as quantity
    from customers_requests
    inner join request_meters
        on
            customers_requests.request_key = request_meters.request_key
            and customers_requests.usage_date = request_meters.usage_date
    group by
        customers_requests.cell_id, customers_requests.usage_date, customers_requests.customer, request_meters.meter
),

-- whom the card names, whenever
named_lines as (
    select * from lines
    where
        lower(team) in (select lower(scope_id) from rates where scope = 'team')
        or lower(feature) in (select lower(scope_id) from rates where scope = 'feature')
        or cell_id in (select cell_id from customers_requests)
),

customers_lines as (
    {{ customers_shares('named_lines', 'allocations', 'customers_meters', 'cell_meters') }}
),

-- a request stands where most of its cell's money is
cell_places as (
    select
        cell_id,
        {{ recovered_from() }},
        row_number() over (
            partition by cell_id order by sum(amount) desc nulls last, provider nulls last, billing_account nulls last
        ) as place
    from named_lines
    where
        component = 'direct'
        and billing_month = {{ first_of_month('usage_date') }}
        and exists (select 1 from rates where method = 'per_request')
    group by cell_id, {{ recovered_from() }}
),

-- a customer's share is taken from its line
money as (
    select
        {{ recovered_from() }},
        usage_date,
        component,
        meter,
        cast(null as varchar) as customer,
        {{ to_pico('amount') }} as amount_pico,
        quantity
    from named_lines
    {%- for sign, customer in [('-', 'cast(null as varchar)'), ('', 'customer')] %}
    union all
    select
        {{ recovered_from() }},
        usage_date,
        component,
        meter,
        {{ customer }},
        {{ sign }}amount_pico,
        {{ sign }}quantity
    from customers_lines
    {%- endfor %}
),

answered as (
    select
        cell_id,
        usage_date,
        cast(null as varchar) as customer,
        requests - failed_requests as requests
    from cells
    {%- for sign, customer in [('-', 'cast(null as varchar)'), ('', 'customer')] %}
    union all
    select
        cell_id,
        usage_date,
        {{ customer }},
        {{ sign }}1
    from customers_requests
    where is_answered
    {%- endfor %}
),

pieces as (
    select
        {{ recovered_from() }},
        usage_date,
        component,
        meter,
        customer,
        cast(sum(amount_pico) as decimal(38, 0)) as amount_pico,
        cast(sum(quantity) as bigint) as quantity,
        0 as requests
    from money
    group by {{ recovered_from() }}, usage_date, component, meter, customer
    union all
    select
        {{ recovered_from('cell_places') }},
        answered.usage_date,
        'requests',
        null,
        answered.customer,
        0,
        0,
        cast(sum(answered.requests) as bigint)
    from cell_places
    inner join answered on cell_places.cell_id = answered.cell_id
    where cell_places.place = 1
    group by {{ recovered_from('cell_places') }}, answered.usage_date, answered.customer
),

-- scopes that price some meters by the million: the others are expected, too
in_force as (
    {%- for scope, owner, scope_id in [
        ('customer', 'pieces.customer', 'rates.scope_id'),
        ('feature', 'lower(pieces.feature)', 'lower(rates.scope_id)'),
        ('team', 'lower(pieces.team)', 'lower(rates.scope_id)'),
    ] %}
    select
        pieces.*,
        {{ loop.index }} as scope_rank,
        rates.scope,
        rates.scope_id,
        rates.method,
        rates.meter as rate_meter,
        rates.value,
        rates.meter is null or coalesce(rates.meter = pieces.meter, false) as decides
    from pieces
    inner join rates
        on
            {{ owner }} = {{ scope_id }}
            and rates.valid_from <= pieces.usage_date
            and pieces.usage_date < rates.valid_to
    where
        rates.scope = '{{ scope }}'
        and (
            rates.meter is null
            or coalesce(rates.meter = pieces.meter, false)
            or (rates.method = 'per_million' and pieces.component = 'direct' and pieces.quantity <> 0)
        )
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

ranked as (
    select
        *,
        row_number() over (
            partition by
                {{ recovered_from() }}, usage_date, component, meter, customer
            order by
                decides desc nulls last,
                scope_rank nulls last,
                rate_meter is null nulls last,
                rate_meter nulls last
        ) as precedence
    from in_force
),

decided as (
    select
        {{ recovered_from() }},
        scope,
        scope_id,
        case when decides then method end as method,
        case when decides then rate_meter else meter end as meter,
        case when decides then value end as value,
        cast(sum(amount_pico) as decimal(38, 0)) as cost_pico,
        cast(coalesce(sum(amount_pico) filter (where component <> 'direct'), 0) as decimal(38, 0)) as unexplained_pico,
        cast(sum(case when decides and method <> 'per_million' then 0 else quantity end) as bigint) as quantity,
        cast(sum(case when decides and method = 'per_request' then requests else 0 end) as bigint) as requests
    from ranked
    where precedence = 1
    group by all
),

charged as (
    select
        *,
        case method
            when 'cost_plus' then cost_pico + {{ signed_percent('cost_pico', 'value') }}
            when 'subsidy' then cost_pico - {{ signed_percent('cost_pico', 'value') }}
            when 'per_million'
                then case when quantity < 0 then -1 else 1 end
                    * {{ split_floor('abs(quantity)', to_pico('value'), '1000000') }}
            when 'per_request' then unexplained_pico + requests * {{ to_pico('value') }}
        end as recovered_pico
    from decided
),

final as (
    select
        {{ recovered_from() }},
        scope,
        scope_id,
        method,
        meter,
        value,
        {{ from_pico('cost_pico') }} as total_cost,
        quantity,
        requests,
        {{ from_pico('recovered_pico') }} as recovered_cost,
        '{{ var("currency") }}' as currency
    from charged
    where cost_pico <> 0 or recovered_pico <> 0 or method is null
    union all
    select
        {{ recovered_from() }},
        scope,
        scope_id,
        method,
        meter,
        value,
        total_cost,
        quantity,
        requests,
        recovered_cost,
        currency
    from closed
)

select * from final
