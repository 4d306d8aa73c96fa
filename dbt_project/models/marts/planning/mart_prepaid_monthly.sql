-- One row per billing month x provider x account x currency of a balance of credits, from the first top-up or grant to the last
-- month that bills or invoices speak of: opening + topped up + granted - drawn - expired = closing. What was drawn is
-- what invoices.csv states (`drawdown`). Where it states neither that nor an invoice of usage, the month's bill says it: all but
-- purchases and seats, and its credits, where anything was granted, are what was drawn of grants. Money is as on paper: a balance is not converted.
with moves as (
    select * from {{ ref('stg_reference__invoices') }}
),

stated as (
    select
        provider,
        billing_account,
        currency,
        billing_month,
        bool_or(kind = 'drawdown') as is_drawdown_stated,
        bool_or(kind = 'usage') as is_usage_invoiced,
        bool_or(kind in ('prepaid', 'grant')) as adds_credits
        {%- for moved in ['topped_up', 'granted', 'drawn', 'drawn_free', 'expired', 'expired_free'] %},
        sum({{ moved }}) as {{ moved }}
        {%- endfor %}
    from moves
    group by provider, billing_account, currency, billing_month
),

billed as (
    select
        provider,
        billing_account,
        billing_currency as currency,
        billing_month,
        {{ from_pico("sum(billed_pico) filter (where charge_category <> 'Credit')") }} as charged,
        {{ from_pico("-sum(billed_pico) filter (where charge_category = 'Credit')") }} as credited
    from {{ ref('int_bill_charges') }}
    where charge_category <> 'Purchase' and coalesce(charge_kind, '') <> 'overage' and billed_pico <> 0
    group by provider, billing_account, billing_currency, billing_month
),

known_months as (
    select max(billing_month) as last_month
    from (
        select billing_month from moves
        union all
        select billing_month from billed
    ) as known
),

balances as (
    select
        stated.provider,
        stated.billing_account,
        stated.currency,
        min(stated.billing_month) as first_month,
        max(known_months.last_month) as last_month
    from stated
    cross join known_months
    where stated.adds_credits
    group by stated.provider, stated.billing_account, stated.currency
),

months as (
    select
        provider,
        billing_account,
        currency,
        {{ each_month('first_month', 'last_month + interval 1 month') }} as billing_month
    from balances
),

moved as (
    select
        months.*,
        coalesce(stated.is_drawdown_stated, false) as is_drawdown_stated,
        not coalesce(stated.is_drawdown_stated or stated.is_usage_invoiced, false)
        and billed.provider is not null as is_by_bill,
        sum(coalesce(stated.granted, 0)) over (
            partition by months.provider, months.billing_account, months.currency order by months.billing_month nulls last
        ) > 0 as has_grants,
        coalesce(billed.charged, 0) as charged,
        coalesce(billed.credited, 0) as credited
        {%- for moved in ['topped_up', 'granted', 'drawn', 'drawn_free', 'expired', 'expired_free'] %},
        coalesce(stated.{{ moved }}, 0) as {{ moved }}
        {%- endfor %}
    from months
    left join stated
        on
            months.provider = stated.provider
            and months.billing_account = stated.billing_account
            and months.currency = stated.currency
            and months.billing_month = stated.billing_month
    left join billed
        on
            months.provider = billed.provider
            and months.billing_account = billed.billing_account
            and months.currency = billed.currency
            and months.billing_month = billed.billing_month
),

drawn as (
    select
        {{ all_but('drawn, drawn_free, charged, credited, has_grants') }},
        case
            when not is_by_bill then drawn
            when has_grants then charged
            else charged - credited
        end as drawn,
        case when not is_by_bill then drawn_free when has_grants then credited else 0 end as drawn_free
    from moved
),

summed as (
    select
        *,
        sum(topped_up + granted - drawn - expired) over so_far as closing_balance,
        sum(granted - drawn_free - expired_free) over so_far as closing_free
    from drawn
    window so_far as (partition by provider, billing_account, currency order by billing_month nulls last)
),

final as (
    select
        billing_month,
        provider,
        billing_account,
        currency
        {%- for amount in [
            'closing_balance - topped_up - granted + drawn + expired', 'topped_up', 'granted', 'drawn', 'drawn_free',
            'expired', 'expired_free', 'closing_balance', 'closing_free',
        ] %},
        cast({{ amount }} as decimal(38, 12)) as {{ 'opening_balance' if loop.first else amount }}
        {%- endfor %},
        case when is_drawdown_stated then 'stated' when is_by_bill then 'bill' else 'none' end as drawn_basis
    from summed
)

select * from final
