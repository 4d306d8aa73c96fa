-- One row per open cell and meter, as an allocation: what was logged and no charge claims. It is
-- estimated while its account and day have neither charge nor invoice of usage; where they have, it was logged
-- and not billed: quantity without money. So are calls of a tool whose vendor no bill is of. The estimate is what the provider itself states, else the contracted cost.
with uses as (
    select * from {{ ref('int_cell_uses') }}
    where charge_id is null
),

cells as (
    select * from {{ ref('int_cells_in_hand') }}
),

charges as (
    select * from {{ ref('int_charges') }}
),

invoices as (
    select * from {{ ref('int_invoices') }}
),

since as (
    select since from {{ ref('int_since') }}
),

billed_days as (
    select distinct
        provider,
        billing_account,
        charge_period_start,
        charge_period_end,
        coalesce(charge_kind, '') = 'capacity' as is_capacity,
        {{ each_day(
            'cast(charge_period_start - interval 1 hour as date)', 'cast(charge_period_end as date) + interval 1 day'
        ) }} as seen_on
    from charges
    where charge_category = 'Usage'
),

cells_billed as (
    select distinct cells.cell_id
    from cells
    inner join billed_days
        on
            cells.provider = billed_days.provider
            and cells.billing_account = billed_days.billing_account
            and cast(cells.usage_hour as date) = billed_days.seen_on
            and billed_days.is_capacity = (cells.pool is not null)
            and {{ hour_of_billed_day(
                'cells.usage_hour', 'billed_days.charge_period_start', 'billed_days.charge_period_end'
            ) }}
),

-- cells with requests whose provider states what they cost
stated as (
    select cell_id, meter, quantity, estimated_cost_pico
    from {{ ref('int_cell_meters') }}
    where stated_cost_pico is not null
),

open_cells as (
    select
        {{ all_but('credential_id', of='uses') }},
        {{ all_but(
            'cell_id, tier_assumed, day_hash, pool, requests, tool_calls, failed_requests, estimated_requests',
            of='cells'
        ) }},
        {{ is_never_billed('cells') }} as is_never_billed,
        {{ first_of_month('cells.usage_date') }} as billing_month,
        cells_billed.cell_id is null
        and (invoices.invoice_id is null or invoices.is_of_balance_alone)
        and cells.usage_hour >= since.since
        and not {{ is_never_billed('cells') }} as is_estimated,
        cells.usage_hour < since.since as is_before_since,
        stated.cell_id is not null as is_stated,
        case
            when stated.cell_id is null then uses.contracted_pico
            else {{ split_floor('stated.estimated_cost_pico', 'uses.quantity', 'stated.quantity') }}
        end as estimate_pico
    from uses
    inner join cells on uses.cell_id = cells.cell_id
    left join stated on uses.cell_id = stated.cell_id and uses.cell_meter = stated.meter
    left join cells_billed on cells.cell_id = cells_billed.cell_id
    left join invoices
        on
            cells.provider = invoices.provider
            and cells.billing_account = invoices.billing_account
            and {{ first_of_month('cells.usage_date') }} = invoices.billing_month
    cross join since
),

final as (
    select
        case when is_estimated then 'estimate' else 'unbilled' end
        || ':' || provider || ':' || billing_account || ':' || usage_date as charge_id,
        cell_id,
        cell_meter,
        billing_month,
        usage_hour,
        usage_date,
        showback_date,
        provider,
        billing_account,
        sub_account,
        credential_id,
        model,
        cell_meter as meter,
        service_tier,
        context_band,
        region,
        {{ owner_columns() }},
        quantity,
        cast(0 as decimal(38, 0)) as billed_pico,
        case when is_estimated then estimate_pico else 0 end as estimated_pico,
        list_pico,
        contracted_pico,
        case when is_estimated then 'estimated' else 'billed' end as cost_basis,
        case
            when is_before_since then 'before_since'
            when is_never_billed then 'never_billed'
            else match_level
        end as match_level,
        case
            when is_estimated and is_stated then 'stated_cost'
            when is_estimated then 'contracted_cost'
            else allocation_method
        end as allocation_method,
        cast(null as varchar) as residual_cause,
        '{{ var("currency") }}' as billing_currency,
        'identity' as fx_rate_id,
        cast(0 as bigint) as failed_requests,
        cast(0 as bigint) as estimated_requests
    from open_cells
)

select * from final
