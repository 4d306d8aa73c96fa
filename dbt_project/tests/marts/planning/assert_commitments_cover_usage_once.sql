-- Fails if a commitment's month does not sum up, or if usage is covered twice or beyond its list price.
with covered as (
    select
        provider,
        billing_month,
        usage_date,
        named_key,
        sum(used_pico) as used_pico,
        sum(overage_pico) as overage_pico
    from {{ ref('int_commitment_uses') }}
    group by provider, billing_month, usage_date, named_key
)

select 'commitment ' || commitment_id || ' ' || billing_month as problem
from {{ ref('mart_commitments_monthly') }}
where
    used_amount + unused_amount <> committed_amount
    or least(used_amount, unused_amount, unused_cost, overage_amount, overage_cost) < 0
    or unused_cost > commitment_cost
    or used_amount + overage_amount > usage_in_scope
    or not (utilisation between 0 and 1)
    or not (coalesce(coverage, 0) between 0 and 1)
union all
select 'usage ' || covered.provider || ' ' || covered.usage_date || ' ' || covered.named_key
from covered
inner join {{ ref('int_commitment_usage') }} as usage
    on
        covered.provider = usage.provider
        and covered.billing_month = usage.billing_month
        and covered.usage_date = usage.usage_date
        and covered.named_key = usage.named_key
where covered.used_pico + covered.overage_pico <> usage.list_pico
