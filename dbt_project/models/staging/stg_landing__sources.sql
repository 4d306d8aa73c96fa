-- The gateways and bills of the workspace.
with sources as (
    select * from {{ source('landing', 'sources') }}
),

final as (
    select
        source,
        kind,
        format,
        provider,
        billing_account,
        role,
        status,
        message
    from sources
)

select * from final
