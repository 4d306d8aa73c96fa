-- One row per part of the billed money that neither a request nor a team answers for and setting that would have
-- put it on a team exactly, with what is missing for that; `none` where no setting would. Tax, credits and
-- what a bill has no row for name no key: they are a setting's only where they do. Use before the first
-- attributed day is nobody's.
with allocations as not materialized (
    select * from {{ ref('int_allocations') }}
),

charges as (
    select charge_id, billing_month, charge_category, charge_kind, raw_row from {{ ref('int_charges') }}
),

since as (
    select since from {{ ref('int_since') }}
),

settings as (
    {%- for setting in owner_settings() %}
    select
        {{ loop.index }} as setting_no,
        '{{ setting.provider }}' as offered_by,
        '{{ setting.setting }}' as setting,
        '{{ setting.place }}' as place,
        {{ 'true' if setting.is_of_calls else 'false' }} as is_of_calls,
        '{{ setting.to_do }}' as to_do
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

residuals as (
    select
        billing_month,
        charge_id,
        provider,
        billing_account,
        sub_account,
        credential_id,
        residual_cause,
        cast(min(usage_date) as timestamp) < min(since.since) as is_before_since,
        sum(billed_pico) as billed_pico
    from allocations
    cross join since
    where residual_cause is not null and team = '__unallocated__'
    group by
        billing_month, charge_id, provider, billing_account, sub_account, credential_id, residual_cause
    having sum(billed_pico) <> 0
),

-- the teams whose requests use a key, by what the bill says and else the log
{%- for key in ['sub_account', 'credential_id'] %}
{{ key }}_users as (
    select billing_month, provider, billing_account, {{ key }}, count(distinct team) as teams
    from allocations
    where cell_id is not null and team <> '__unallocated__' and {{ key }} is not null
    group by billing_month, provider, billing_account, {{ key }}
),
{% endfor %}
judged as (
    select
        residuals.*,
        residuals.residual_cause in ('outside_gateway', 'unlogged_usage', 'non_token', 'unparsed')
        and coalesce(charges.charge_category, '') = 'Usage' as is_use,
        coalesce(charges.charge_kind, '') in ('storage', 'training') as is_kept,
        case
            when residuals.provider in ('{{ settled_providers() | join("', '") }}')
                then residuals.provider
            else '*'
        end as offered_by,
        coalesce(sub_account_users.teams, 0) as sub_account_teams,
        coalesce(credential_id_users.teams, 0) as credential_teams
        {%- for setting in owner_settings() if setting.marks %},
        coalesce({{ row_says('charges.raw_row', setting.marks) }}, false) as says_{{ setting.setting }}
        {%- endfor %}
    from residuals
    left join charges
        on residuals.charge_id = charges.charge_id and residuals.billing_month = charges.billing_month
    {%- for key in ['sub_account', 'credential_id'] %}
    left join {{ key }}_users
        on
            residuals.billing_month = {{ key }}_users.billing_month
            and residuals.provider = {{ key }}_users.provider
            and residuals.billing_account = {{ key }}_users.billing_account
            and residuals.{{ key }} = {{ key }}_users.{{ key }}
    {%- endfor %}
),

offered as (
    select
        judged.*,
        settings.setting_no,
        settings.setting,
        settings.place,
        settings.to_do,
        case
            when settings.place = 'sub_account' and judged.sub_account is not null
                then case when judged.sub_account_teams > 1 then 'shared' else 'unowned' end
            when settings.place = 'credential_id' and judged.credential_id is not null
                then case when judged.credential_teams > 1 then 'shared' else 'unowned' end
            {%- for setting in owner_settings() if setting.marks %}
            when settings.setting = '{{ setting.setting }}' and judged.says_{{ setting.setting }} then 'unread'
            {%- endfor %}
            when settings.offered_by = '*' or not judged.is_use or (settings.is_of_calls and judged.is_kept) then null
            when settings.place = 'log' then 'not_billed'
            else 'missing'
        end as state
    from judged
    inner join settings on judged.offered_by = settings.offered_by
    where not judged.is_before_since
),

placed as (
    select * from offered
    where state is not null
),

final as (
    select
        {{ key_of(['charge_id', 'sub_account', 'credential_id', 'residual_cause']) }} as residual_key,
        billing_month,
        provider,
        charge_id,
        setting_no,
        setting,
        place,
        state,
        to_do,
        billed_pico
    from placed
    union all
    select
        {{ key_of(['charge_id', 'sub_account', 'credential_id', 'residual_cause']) }} as residual_key,
        billing_month,
        provider,
        charge_id,
        0 as setting_no,
        'none' as setting,
        'none' as place,
        'none' as state,
        'nothing that is known would' as to_do,
        billed_pico
    from judged
    where not exists (
        select 1 from placed
        where
            placed.billing_month = judged.billing_month
            and placed.charge_id = judged.charge_id
            and placed.sub_account is not distinct from judged.sub_account
            and placed.credential_id is not distinct from judged.credential_id
            and placed.residual_cause = judged.residual_cause
            and placed.state <> 'not_billed'
    )
)

select * from final
