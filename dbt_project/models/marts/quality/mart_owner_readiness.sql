-- One row per billing month x provider x setting x state: the billed money without a request and without a
-- team that the setting would have put on one. Several settings would do the same dollars: what each would
-- do alone does not add up, what it does beyond those ranked before it (counted_cost) does.
with possible as (
    select * from {{ ref('int_owner_settings') }}
),

choices as (
    select
        *,
        count(*) filter (where state <> 'not_billed') over (partition by billing_month, residual_key) as settings
    from possible
),

summed as (
    select
        billing_month,
        provider,
        setting_no,
        setting,
        place,
        state,
        to_do,
        count(distinct charge_id) as charges,
        cast(sum(case when state = 'not_billed' then 0 else billed_pico end) as decimal(38, 0)) as residual_pico,
        cast(sum(case when state <> 'not_billed' and settings = 1 then billed_pico else 0 end) as decimal(38, 0))
            as only_here_pico
    from choices
    group by billing_month, provider, setting_no, setting, place, state, to_do
),

-- first what a line of credentials.csv does, then what such a line can do, then by dollars
ranked as (
    select
        *,
        row_number() over (
            partition by billing_month, provider
            order by
                case when state in ('none', 'not_billed') then 1 else 0 end nulls last,
                case when state = 'unowned' then 0 else 1 end nulls last,
                case when place in ('sub_account', 'credential_id') then 0 else 1 end nulls last,
                abs(residual_pico) desc nulls last,
                setting_no nulls last,
                state nulls last
        ) as setting_rank
    from summed
),

ordered as (
    select
        possible.billing_month,
        possible.provider,
        possible.residual_key,
        possible.billed_pico,
        ranked.setting,
        ranked.setting_rank,
        row_number() over (
            partition by possible.billing_month, possible.residual_key order by ranked.setting_rank nulls last
        ) as choice
    from possible
    inner join ranked
        on
            possible.billing_month = ranked.billing_month
            and possible.provider = ranked.provider
            and possible.setting = ranked.setting
            and possible.state = ranked.state
    where possible.state <> 'not_billed'
),

counted as (
    select billing_month, provider, setting_rank, cast(sum(billed_pico) as decimal(38, 0)) as counted_pico
    from ordered
    where choice = 1
    group by billing_month, provider, setting_rank
),

others as (
    select
        one.billing_month,
        one.provider,
        one.setting_rank,
        string_agg(distinct other.setting, ', ' order by other.setting nulls last) as also_by
    from ordered as one
    inner join ordered as other
        on
            one.billing_month = other.billing_month
            and one.residual_key = other.residual_key
            and one.setting_rank <> other.setting_rank
    group by one.billing_month, one.provider, one.setting_rank
),

final as (
    select
        ranked.billing_month,
        ranked.provider,
        cast(ranked.setting_rank as bigint) as setting_rank,
        ranked.setting,
        ranked.state,
        ranked.state in ('unowned', 'shared', 'unread') as is_in_use,
        ranked.place in ('sub_account', 'credential_id') as is_read,
        ranked.charges,
        {{ from_pico('ranked.residual_pico') }} as residual_cost,
        {{ from_pico('ranked.only_here_pico') }} as only_here_cost,
        {{ from_pico('coalesce(counted.counted_pico, 0)') }} as counted_cost,
        others.also_by,
        case ranked.state
            when 'unowned' then 'give its values an owner in credentials.csv'
            when 'shared' then 'requests of several teams use the same one: ' || ranked.to_do
            when 'unread' then 'it is on the bill, in raw_row: no owner is read from there yet'
            else ranked.to_do
        end as to_do
    from ranked
    left join counted
        on
            ranked.billing_month = counted.billing_month
            and ranked.provider = counted.provider
            and ranked.setting_rank = counted.setting_rank
    left join others
        on
            ranked.billing_month = others.billing_month
            and ranked.provider = others.provider
            and ranked.setting_rank = others.setting_rank
)

select * from final
