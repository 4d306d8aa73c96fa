-- Fails if of a closed month the ledger, what later months posted and what is to be corrected are not together
-- what is known now, by provider, account, team and feature; or if what moves between owners does not sum to 0
-- per account, month and reason.
with closed_months as (
    select * from {{ source('ledger', 'closed_months') }}
),

amounts as (
    select billing_month, provider, billing_account, team, feature, -amount as amount
    from {{ ref('int_chargeback_lines') }}
    where billing_month in (select billing_month from closed_months)
    union all
    select billing_month, provider, billing_account, team, feature, amount
    from {{ source('ledger', 'closed_lines') }}
    union all
    select billing_month, provider, billing_account, team, feature, amount
    from {{ source('ledger', 'posted_corrections') }}
    union all
    select billing_month, provider, billing_account, team, feature, {{ from_pico('amount_pico') }}
    from {{ ref('int_corrections') }}
)

select 'not what is known' as problem, billing_month, provider, billing_account, team, feature, sum(amount) as amount
from amounts
group by billing_month, provider, billing_account, team, feature
having sum(amount) <> 0
union all
select 'moves add up to something', billing_month, provider, billing_account, reason, null, sum(amount_pico)
from {{ ref('int_corrections') }}
where part = 'owners'
group by billing_month, provider, billing_account, reason
having sum(amount_pico) <> 0
