{{ config(materialized='by_month') }}
-- One row per provider x account x billing month x day: what was billed and where it went, by cause,
-- and how the bill's price and quantities differ from the contract's and the log's. contracted +
-- rate variance + quantity variance + unpriced + the causes = allocated. What a payment for a commitment
-- bills to the usage it covers is rate variance: it is part of that usage's price. Lines without a day
-- stand on the month's last.
with allocations as (
    select * from {{ ref('fct_cost_allocations') }}
    where {{ is_of_months_in_hand() }} and match_level is distinct from 'never_billed'
),

allocated as (
    select
        provider,
        billing_account,
        billing_month,
        usage_date,
        sum(billed_cost) as allocated_cost,
        coalesce(sum(billed_cost) filter (where residual_cause is null), 0) as requests_cost,
        {%- for cause in var('residual_causes') %}
        coalesce(sum(billed_cost) filter (where residual_cause = '{{ cause }}'), 0) as {{ cause }},
        {%- endfor %}
        {{ known_estimate(unpriced_units()) }} as estimated_cost,
        {{ unpriced_units() }} as unpriced_quantity,
        coalesce(
            sum(billed_cost) filter (where residual_cause is null and contracted_cost is null), 0
        ) as unpriced_cost,
        coalesce(
            sum(contracted_cost) filter (
                where cost_basis = 'billed' and match_level <> 'before_since'
            ), 0
        ) as contracted_cost,
        coalesce(
            sum(billed_cost - contracted_cost) filter (
                where
                    cost_basis = 'billed'
                    and match_level not in ('none', 'before_since')
                    and contracted_cost is not null
            ), 0
        ) as rate_variance,
        coalesce(
            -sum(contracted_cost) filter (where cost_basis = 'billed' and match_level = 'none'), 0
        ) as quantity_variance,
        {%- for name, condition in [
            ('tokens_explained', "residual_cause is null and match_level not in ('none', 'before_since')"),
            ('tokens_not_logged', 'residual_cause is not null'),
            ('tokens_not_billed', "residual_cause is null and cost_basis = 'billed' and match_level = 'none'"),
        ] %}
        cast(
            coalesce(
                sum(quantity) filter (where ({{ is_token_meter('meter') }} or meter is null) and {{ condition }}), 0
            ) as bigint
        ) as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from allocations
    group by provider, billing_account, billing_month, usage_date
),

requests as (
    select
        provider,
        billing_account,
        {{ first_of_month('usage_date') }} as billing_month,
        usage_date,
        cast(sum(requests) as bigint) as requests,
        cast(sum(failed_requests) as bigint) as failed_requests,
        cast(sum(estimated_requests) as bigint) as estimated_requests
    from {{ ref('int_cells_in_hand') }}
    group by 1, 2, 3, 4
),

-- days of failed requests alone belong to a month that has money
allocated_months as (
    select distinct provider, billing_account, billing_month from allocated
),

keys as (
    select provider, billing_account, billing_month, usage_date from allocated
    union
    select
        requests.provider,
        requests.billing_account,
        requests.billing_month,
        requests.usage_date
    from requests
    inner join allocated_months
        on
            requests.provider = allocated_months.provider
            and requests.billing_account = allocated_months.billing_account
            and requests.billing_month = allocated_months.billing_month
),

final as (
    select
        keys.provider,
        keys.billing_account,
        keys.billing_month,
        keys.usage_date,
        coalesce(allocated.allocated_cost, 0) as allocated,
        coalesce(allocated.requests_cost, 0) as requests_cost,
        {%- for cause in var('residual_causes') %}
        coalesce(allocated.{{ cause }}, 0) as {{ cause }},
        {%- endfor %}
        case when allocated.provider is null then 0 else allocated.estimated_cost end as estimated_cost,
        coalesce(allocated.unpriced_quantity, 0) as unpriced_quantity,
        coalesce(allocated.contracted_cost, 0) as contracted,
        coalesce(allocated.rate_variance, 0) as rate_variance,
        coalesce(allocated.quantity_variance, 0) as quantity_variance,
        coalesce(allocated.unpriced_cost, 0) as unpriced_cost,
        {%- for name in ['tokens_explained', 'tokens_not_logged', 'tokens_not_billed'] %}
        coalesce(allocated.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        coalesce(requests.requests, 0) as requests,
        coalesce(requests.failed_requests, 0) as failed_requests,
        coalesce(requests.estimated_requests, 0) as estimated_requests
    from keys
    left join allocated
        on
            keys.provider = allocated.provider
            and keys.billing_account = allocated.billing_account
            and keys.billing_month = allocated.billing_month
            and keys.usage_date = allocated.usage_date
    left join requests
        on
            keys.provider = requests.provider
            and keys.billing_account = requests.billing_account
            and keys.billing_month = requests.billing_month
            and keys.usage_date = requests.usage_date
)

select * from final
