-- One row per credential seen and period: its owner as of then. Literal ids before globs, longer
-- globs before shorter, so every instant has at most one owner.
with seen as (
    select * from {{ ref('int_credentials_seen') }}
),

credentials as (
    select * from {{ source('landing', 'credentials') }}
),

candidates as (
    select
        seen.source,
        seen.credential_id,
        {%- for column, dimension in var('credential_owners').items() %}
        credentials.{{ column }} as {{ dimension }},
        {%- endfor %}
        credentials.valid_from,
        credentials.valid_to,
        credentials.line,
        {{ glob_rank('credentials.credential_id') }} as pattern_rank
    from seen
    inner join credentials
        on
            seen.source = credentials.source
            and {{ glob_match('seen.credential_id', 'credentials.credential_id') }}
),

owned as (
    {{ first_of_each_period(
        'candidates', ['source', 'credential_id'], ['pattern_rank desc', 'line']
    ) }}
),

final as (
    select {{ all_but('pattern_rank, line') }} from owned
)

select * from final
