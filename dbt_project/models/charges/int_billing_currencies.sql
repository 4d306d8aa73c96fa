-- One row per account and month whose bill or invoices are in another currency than the workspace's: the
-- currency and the one rate of the month, so that it ties in both. The bill says the currency, without
-- a bill the invoices. The rate is the newest one on the day of the month's last invoice, else on the month's
-- last day; NULL where there is none. A month in several currencies has no rate: it takes the workspace's
-- own, and no other.
with said as (
    select
        provider,
        billing_account,
        billing_month,
        billing_currency as currency,
        true as is_billed,
        cast(null as timestamp) as issued_at
    from {{ ref('int_bill_charges') }}
    where billed_pico <> 0
    union all
    select
        provider,
        billing_account,
        billing_month,
        currency,
        false as is_billed,
        issued_at
    from {{ ref('stg_reference__invoices') }}
    where is_payable
),

fx_rates as (
    select
        from_currency || '/' || to_currency || '/' || "date" as fx_rate_id,
        "date" as rated_on,
        from_currency,
        {{ to_pico('rate') }} as rate_pico
    from {{ source('landing', 'fx_rates') }}
),

months as (
    select
        provider,
        billing_account,
        billing_month,
        bool_or(is_billed) as is_billed,
        coalesce(cast(max(issued_at) as date), {{ last_of_month('billing_month') }}) as decided_on,
        coalesce(min(currency) filter (where is_billed), min(currency)) as first_currency,
        coalesce(max(currency) filter (where is_billed), max(currency)) as last_currency
    from said
    group by provider, billing_account, billing_month
    having bool_or(currency <> '{{ var("currency") }}')
),

decided as (
    select
        *,
        case
            when first_currency <> last_currency and '{{ var("currency") }}' in (first_currency, last_currency)
                then '{{ var("currency") }}'
            when first_currency <> last_currency then first_currency || ' and ' || last_currency
            else first_currency
        end as currency
    from months
),

rated as (
    select
        decided.*,
        fx_rates.fx_rate_id,
        fx_rates.rate_pico,
        row_number() over (
            partition by decided.provider, decided.billing_account, decided.billing_month
            order by fx_rates.rated_on desc nulls last
        ) as newest
    from decided
    left join fx_rates
        on decided.currency = fx_rates.from_currency and fx_rates.rated_on <= decided.decided_on
),

final as (
    select {{ all_but('newest') }} from rated
    where newest = 1
)

select * from final
