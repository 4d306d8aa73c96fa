-- One row per gateway, and per bill and account of it: a bill may hold several providers. Of a gateway provider, account and the columns after `message`
-- are what its entry says for requests whose log does not; credential_globs is NULL where it says nothing
-- of keys and empty where it says `none`.
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
        message,
        sub_account,
        credential_id,
        credential_globs,
        region
    from sources
)

select * from final
