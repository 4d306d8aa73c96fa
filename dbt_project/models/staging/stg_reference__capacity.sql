-- Capacity that is paid by the month: one line of a pool, its owner's part. `capacity` is what an hour at
-- full use does: tokens, requests, or for gpu_seconds milliseconds. Its cost is on the invoice of its
-- account, else it is provider `own` with the pool as account.
with capacity as (
    select * from {{ source('landing', 'capacity') }}
),

final as (
    select
        line,
        pool,
        supply,
        {{ to_pico('monthly_cost') }} as monthly_pico,
        capacity * case when capacity_unit = 'gpu_seconds' then 1000 else 1 end as capacity,
        capacity_unit,
        owner,
        deployments,
        coalesce(provider, 'own') as provider,
        coalesce(billing_account, pool) as billing_account,
        valid_from,
        valid_to
    from capacity
)

select * from final
