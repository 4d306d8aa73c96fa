-- One row per key, team, project, provider and whole company that is in use, has a budget or has a limit at a gateway
-- or provider, and budget of it: which limits budgets.csv sets, which stand there, and what is wrong with them. Use is
-- that of the 31 days up to the newest hour with requests, and so are the lines of budgets.csv that hold.
with newest as (
    {{ newest_hour_of(ref('int_cells')) }}
),

now as (
    select coalesce(newest_hour, timestamp '9999-12-30') as newest_hour from newest
),

budgets as (
    select dim_budgets.*
    from {{ ref('dim_budgets') }} as dim_budgets
    cross join now
    where
        dim_budgets.valid_from <= now.newest_hour
        and now.newest_hour < dim_budgets.valid_to
        and dim_budgets.scope in ('credential', 'team', 'sub_account', 'provider', 'company')
),

standing as (
    select * from {{ source('landing', 'standing_limits') }}
),

teams as (
    select
        lower(team_id) as team,
        owner_email
    from {{ source('landing', 'teams') }}
    cross join now
    where valid_from <= now.newest_hour and now.newest_hour < valid_to and owner_email is not null
),

emails as (
    select
        team,
        owner_email as owner_emails
    from teams
    union all
    -- an account is everybody's
    select
        null,
        string_agg(distinct owner_email, ';' order by owner_email nulls last)
    from teams
),

credentials as (
    select
        credential_id,
        max(environment) as environment
    from {{ source('landing', 'credentials') }}
    cross join now
    where valid_from <= now.newest_hour and now.newest_hour < valid_to
    group by credential_id
),

calls as (
    select
        cells.provider,
        cells.sub_account,
        cells.credential_id,
        cells.environment,
        cells.team,
        cell_keys.gateway_key_id,
        cell_keys.gateway_key_alias,
        sum(cell_keys.requests) as requests
    from {{ ref('int_cell_keys') }} as cell_keys
    inner join {{ ref('int_cells') }} as cells on cell_keys.cell_id = cells.cell_id
    cross join now
    where cells.usage_hour > now.newest_hour - interval 31 day
    group by all
),

-- a gateway's key by its name, else its id; the provider's key where the log knows no other
used as (
    select
        'credential' as scope,
        coalesce(gateway_key_alias, gateway_key_id, credential_id) as scope_id,
        gateway_key_id as other_id,
        provider,
        environment,
        team,
        requests
    from calls
    where coalesce(gateway_key_alias, gateway_key_id, credential_id) is not null
    union all
    select
        'sub_account',
        sub_account,
        null,
        provider,
        environment,
        team,
        requests
    from calls
    where sub_account is not null
),

uses as (
    select
        scope,
        scope_id,
        max(other_id) as other_id,
        max(provider) as provider,
        max_by(environment, requests) as environment,
        max_by(team, requests) as team,
        cast(sum(requests) as bigint) as requests
    from (
        select
            scope,
            scope_id,
            max(other_id) as other_id,
            max(provider) as provider,
            environment,
            team,
            sum(requests) as requests
        from used
        group by scope, scope_id, environment, team
        order by environment nulls last, team nulls last
    ) as by_owner
    group by scope, scope_id
),

names as (
    select
        scope,
        id,
        min(name) as name
    from (
        select
            scope,
            other_id as id,
            scope_id as name
        from used
        where other_id is not null
        union all
        select
            scope,
            scope_id,
            alias
        from standing
        where alias is not null
    ) as named
    group by scope, id
),

limits as (
    select
        budgets.scope,
        coalesce(names.name, budgets.scope_id, 'all') as scope_id,
        budgets.budget_id,
        budgets.only_environment,
        budgets.unit,
        budgets.unit = '{{ var("currency") | lower }}' as is_money,
        budgets.soft_limit,
        budgets.hard_limit,
        budgets.budget
    from budgets
    left join names on budgets.scope = names.scope and budgets.scope_id = names.id
),

standing_at as (
    select
        scope,
        coalesce(alias, scope_id) as scope_id,
        max(case when alias is not null then scope_id end) as other_id,
        max(provider) as provider,
        string_agg(distinct source, ', ' order by source nulls last) as standing_at,
        min(soft_limit) as standing_soft_limit,
        min(hard_limit) as standing_hard_limit
    from standing
    where scope <> 'source'
    group by scope, coalesce(alias, scope_id)
),

sources as (
    select
        kind,
        provider,
        not_known_because is null as was_read
    from standing
    where scope = 'source'
),

subjects as (
    select
        scope,
        scope_id
    from uses
    union
    select
        scope,
        scope_id
    from limits
    union
    select
        scope,
        scope_id
    from standing_at
    where scope in ('credential', 'team', 'sub_account', 'provider')
),

-- of where its limit could stand: whether any was read, and whether any did not answer
reached as (
    select
        subjects.scope,
        subjects.scope_id,
        bool_or(sources.was_read) as was_read,
        bool_or(not sources.was_read) as was_silent
    from subjects
    left join uses on subjects.scope = uses.scope and subjects.scope_id = uses.scope_id
    left join standing_at on subjects.scope = standing_at.scope and subjects.scope_id = standing_at.scope_id
    inner join sources
        on case subjects.scope
            when 'company' then false
            when 'provider' then sources.provider = lower(subjects.scope_id)
            when 'sub_account'
                then
                    sources.kind = 'provider'
                    and sources.provider = coalesce(uses.provider, standing_at.provider, sources.provider)
            else sources.kind = 'gateway'
        end
    group by subjects.scope, subjects.scope_id
),

covered as (
    select
        subjects.scope,
        subjects.scope_id,
        limits.budget_id,
        limits.unit,
        coalesce(
            limits.only_environment,
            credentials.environment,
            case when uses.environment <> '__unallocated__' then uses.environment end
        ) as of_environment,
        coalesce(uses.provider, standing_at.provider) as provider,
        case when uses.team <> '__unallocated__' then uses.team end as used_by_team,
        coalesce(uses.other_id, standing_at.other_id) as key_id,
        emails.owner_emails,
        coalesce(uses.requests, 0) as requests,
        limits.soft_limit,
        limits.hard_limit,
        limits.budget,
        limits.is_money,
        standing_at.standing_at,
        standing_at.standing_soft_limit,
        standing_at.standing_hard_limit,
        coalesce(reached.was_read, false) as was_read,
        -- it could stand where nobody answered
        coalesce(reached.was_silent, false) and standing_at.scope_id is null as is_silent
    from subjects
    left join uses on subjects.scope = uses.scope and subjects.scope_id = uses.scope_id
    left join limits on subjects.scope = limits.scope and subjects.scope_id = limits.scope_id
    left join standing_at on subjects.scope = standing_at.scope and subjects.scope_id = standing_at.scope_id
    left join emails
        on
            (subjects.scope = 'provider' and emails.team is null)
            or (subjects.scope = 'team' and lower(subjects.scope_id) = emails.team)
            or (subjects.scope in ('credential', 'sub_account') and lower(uses.team) = emails.team)
    left join credentials on subjects.scope = 'credential' and subjects.scope_id = credentials.credential_id
    left join reached on subjects.scope = reached.scope and subjects.scope_id = reached.scope_id
),

final as (
    select
        scope,
        scope_id,
        budget_id,
        unit,
        of_environment,
        provider,
        used_by_team,
        key_id,
        owner_emails,
        cast(requests as bigint) as requests,
        soft_limit,
        hard_limit,
        standing_at,
        standing_soft_limit,
        standing_hard_limit,
        was_read and not is_silent as is_read_back,
        soft_limit is not null or standing_soft_limit is not null as has_soft,
        hard_limit is not null or standing_hard_limit is not null as has_hard,
        scope in ('credential', 'sub_account')
        and (soft_limit is not null or standing_soft_limit is not null)
        and hard_limit is null
        and standing_hard_limit is null
        and not is_silent as is_alert_only,
        scope = 'credential'
        and {{ is_development('of_environment') }}
        and greatest(
            case when is_money then coalesce(hard_limit, 0) else 0 end,
            case when is_money then coalesce(budget, 0) else 0 end,
            coalesce(standing_hard_limit, 0)
        ) > {{ most_of_a_development_key() }} as is_large_for_development,
        was_read
        and not is_silent
        and coalesce(is_money, false)
        and hard_limit is not null
        and round(hard_limit, 2) <> coalesce(standing_hard_limit, -1) as is_not_standing,
        is_silent and coalesce(is_money, false) and hard_limit is not null as is_not_known
    from covered
)

select * from final
