-- Who owns a credential (gateway key, provider key, project, workspace), as of a time.
with credentials as (
    select * from {{ source('landing', 'credentials') }}
),

final as (
    select
        line,
        source,
        credential_id,
        team_id,
        feature,
        environment,
        {{ utc('valid_from') }} as valid_from,
        {{ utc('valid_to') }} as valid_to
    from credentials
)

select * from final
