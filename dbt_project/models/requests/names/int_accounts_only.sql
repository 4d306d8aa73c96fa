-- One row per provider with exactly one billing account: its requests need no deployments.csv.
with bills as (
    select * from {{ source('landing', 'sources') }}
    where kind = 'bill' and role = 'bill'
),

final as (
    select
        provider,
        min(billing_account) as billing_account
    from bills
    group by provider
    having count(distinct billing_account) = 1
)

select * from final
