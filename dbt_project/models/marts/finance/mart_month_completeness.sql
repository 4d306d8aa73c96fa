-- One row per billing month x gateway x reason: what of a gateway's logs is lost, or is withheld until its
-- entry says which keys it uses, and makes the month incomplete; with reason `accepted` one per line of accepted_losses.csv, what a person accepted. Accepted
-- days make nothing incomplete. A lost record that may be of several days counts once in each month that it
-- may be of, and on each day where it may be of three at most.
{%- set percent = "cast('" ~ var('quarantine_max_percent') ~ "' as decimal(9, 6))" %}
with gateway_days as (
    select * from {{ ref('int_gateway_days') }}
),

quarantine as (
    select
        *,
        row_number() over (
            partition by source, extent <> 'record', first_day, last_day
            order by object nulls last, record_no nulls last
        ) as place
    from {{ ref('stg_landing__quarantine') }}
    where kind = 'gateway'
),

lost as (
    select
        row_number() over (
            order by
                source nulls last, extent <> 'record' nulls last, first_day nulls last, last_day nulls last
        ) as loss,
        source as gateway,
        extent <> 'record' as is_cut,
        first_day,
        last_day,
        cast(sum(records) as bigint) as records,
        count(distinct object) as objects,
        max(
            object || ', record ' || record_no || coalesce(', ' || field, '') || coalesce(' ' || value, '')
            || ': ' || reason
            || coalesce(': ' || option, '')
        ) filter (where place = 1) as example
    from quarantine
    group by source, extent <> 'record', first_day, last_day
),

neighbours as (
    select
        lost.loss,
        max(seen.usage_date) filter (where seen.usage_date < lost.last_day) as seen_before,
        min(seen.usage_date) filter (where seen.usage_date > lost.first_day) as seen_after
    from lost
    inner join gateway_days as seen on lost.gateway = seen.gateway and seen.records > 0
    group by lost.loss
),

-- an end that nothing tells lies before the source's next day with records, or after the last, if it has none
reaching as (
    select
        lost.*,
        lost.first_day is null or lost.last_day is null as is_open,
        coalesce(
            lost.first_day,
            cast(neighbours.seen_before + interval 1 day as date),
            date '0001-01-01'
        ) as reach_from,
        coalesce(
            lost.last_day,
            cast(neighbours.seen_after - interval 1 day as date),
            date '9999-12-31'
        ) as reach_to
    from lost
    left join neighbours on lost.loss = neighbours.loss
),

months as (
    select
        gateway,
        billing_month,
        has_records,
        cast(sum(records) as bigint) as landed
    from gateway_days
    group by gateway, billing_month, has_records
),

account_costs as (
    select
        provider,
        billing_account,
        billing_month,
        sum(billed_cost) as billed_cost
    from {{ ref('fct_cost_allocations') }}
    group by provider, billing_account, billing_month
),

month_costs as (
    select
        billing_month,
        sum(billed_cost) as billed_cost
    from account_costs
    group by billing_month
),

-- the days that lost records may be of; where an end is open, those of them that the bill charges
reached_days as (
    select
        reaching.*,
        gateway_days.billing_month,
        gateway_days.usage_date,
        gateway_days.records as landed,
        gateway_days.has_records,
        gateway_days.uncovered_cost,
        gateway_days.accepted_line,
        reaching.is_open
        and max(gateway_days.uncovered_cost) over (partition by reaching.loss) > 0 as is_charged_elsewhere,
        reaching.reach_to <= reaching.reach_from + interval 2 day as is_dated
    from reaching
    inner join gateway_days
        on
            reaching.gateway = gateway_days.gateway
            and gateway_days.usage_date between reaching.reach_from and reaching.reach_to
),

lost_days as (
    select * from reached_days
    where accepted_line is null and (uncovered_cost > 0 or not is_charged_elsewhere)
),

losses as (
    select
        loss,
        gateway,
        billing_month,
        is_cut,
        has_records,
        records,
        objects,
        example,
        min(usage_date) as first_day,
        max(usage_date) as last_day
    from lost_days
    group by loss, gateway, billing_month, is_cut, has_records, records, objects, example
),

unreadable_months as (
    select
        losses.gateway,
        losses.billing_month,
        case when losses.has_records then 'unreadable_records' else 'no_readable_record' end as reason,
        min(losses.first_day) as first_day,
        max(losses.last_day) as last_day,
        cast(sum(losses.records) as bigint) as lost_records,
        months.landed + cast(sum(losses.records) as bigint) as records,
        cast(sum(losses.objects) as bigint) as objects,
        min(losses.example) as example
    from losses
    inner join months
        on losses.gateway = months.gateway and losses.billing_month = months.billing_month
    where not losses.is_cut or not losses.has_records
    group by losses.gateway, losses.billing_month, losses.has_records, months.landed
    having
        not losses.has_records
        or sum(losses.records) * 100 > {{ percent }} * (months.landed + sum(losses.records))
),

unreadable_on_days as (
    select
        gateway,
        billing_month,
        usage_date,
        cast(sum(records) as bigint) as lost_records,
        landed + cast(sum(records) as bigint) as records,
        cast(sum(objects) as bigint) as objects,
        min(example) as example
    from lost_days
    where is_dated and has_records and not is_cut
    group by gateway, billing_month, usage_date, landed
    having sum(records) * 100 > {{ percent }} * (landed + sum(records))
),

-- told where the month as a whole is not
unreadable_days as (
    select
        days.gateway,
        days.billing_month,
        'unreadable_days' as reason,
        min(days.usage_date) as first_day,
        max(days.usage_date) as last_day,
        max(days.lost_records) as lost_records,
        max_by(days.records, days.lost_records) as records,
        max(days.objects) as objects,
        min(days.example) as example
    from unreadable_on_days as days
    left join unreadable_months
        on
            days.gateway = unreadable_months.gateway
            and days.billing_month = unreadable_months.billing_month
    where unreadable_months.gateway is null
    group by days.gateway, days.billing_month
),

cut_objects as (
    select
        gateway,
        billing_month,
        'cut_objects' as reason,
        min(first_day) as first_day,
        max(last_day) as last_day,
        cast(sum(records) as bigint) as lost_records,
        cast(null as bigint) as records,
        cast(sum(objects) as bigint) as objects,
        min(example) as example
    from losses
    where is_cut and has_records
    group by gateway, billing_month
),

lost_dates as (
    select distinct gateway, usage_date from lost_days
    where is_dated
),

silent_dates as (
    select
        days.gateway,
        days.usage_date
    from gateway_days as days
    left join lost_dates on days.gateway = lost_dates.gateway and days.usage_date = lost_dates.usage_date
    where
        days.is_between
        and days.records = 0
        and days.accepted_line is null
        and lost_dates.gateway is null
),

silent_accounts as (
    select
        uncovered.gateway,
        uncovered.billing_month,
        uncovered.provider,
        uncovered.billing_account,
        {{ from_pico('sum(uncovered.uncovered_pico)') }} as cost
    from {{ ref('int_uncovered_days') }} as uncovered
    inner join silent_dates
        on uncovered.gateway = silent_dates.gateway and uncovered.usage_date = silent_dates.usage_date
    group by uncovered.gateway, uncovered.billing_month, uncovered.provider, uncovered.billing_account
),

silent_months as (
    select distinct
        silent_accounts.gateway,
        silent_accounts.billing_month
    from silent_accounts
    inner join account_costs
        on
            silent_accounts.provider = account_costs.provider
            and silent_accounts.billing_account = account_costs.billing_account
            and silent_accounts.billing_month = account_costs.billing_month
    where silent_accounts.cost * 100 > account_costs.billed_cost
),

silent_days as (
    select
        silent_months.gateway,
        silent_months.billing_month,
        'silent_days' as reason,
        min(days.usage_date) as first_day,
        max(days.usage_date) as last_day,
        count(*) as days,
        sum(days.uncovered_cost) as cost
    from silent_months
    inner join gateway_days as days
        on
            silent_months.gateway = days.gateway
            and silent_months.billing_month = days.billing_month
            and days.uncovered_cost > 0
    inner join silent_dates
        on days.gateway = silent_dates.gateway and days.usage_date = silent_dates.usage_date
    group by silent_months.gateway, silent_months.billing_month
),

accepted as (
    select
        days.gateway,
        days.billing_month,
        losses.line,
        losses."by" as accepted_by,
        losses.reason,
        min(days.usage_date) as first_day,
        max(days.usage_date) as last_day,
        sum(days.uncovered_cost) as cost
    from gateway_days as days
    inner join {{ source('landing', 'accepted_losses') }} as losses on days.accepted_line = losses.line
    group by days.gateway, days.billing_month, losses.line, losses."by", losses.reason
),

-- nothing was ever read of it: of charges that no request explains any may be its own
absent as (
    select
        months.gateway,
        months.billing_month,
        'no_readable_record' as reason,
        min(days.usage_date) as first_day,
        max(days.usage_date) as last_day,
        sum(days.uncovered_cost) as cost
    from months
    inner join gateway_days as days
        on
            months.gateway = days.gateway
            and months.billing_month = days.billing_month
            and days.uncovered_cost > 0
            and days.accepted_line is null
    left join quarantine on months.gateway = quarantine.source
    where not months.has_records and quarantine.source is null
    group by months.gateway, months.billing_month
),

-- money of keys with another owner that requests without a key did not get
withheld as (
    select
        gateway,
        billing_month,
        sum(withheld_cost) as cost,
        string_agg(
            withheld_keys, ', ' order by provider nulls last, billing_account nulls last
        ) as withheld_keys,
        string_agg(keys, ', ' order by provider nulls last, billing_account nulls last) as keys
    from {{ ref('mart_keyless_usage_monthly') }}
    where is_incomplete
    group by gateway, billing_month
),

unreadable as (
    select * from unreadable_months
    union all
    select * from unreadable_days
    union all
    select * from cut_objects
),

-- what is told of each: `what` is lost, and what mends it beside accepting it
told as (
    select
        unreadable.gateway,
        unreadable.billing_month,
        unreadable.reason,
        cast(null as integer) as accepted_line,
        unreadable.first_day,
        unreadable.last_day,
        unreadable.lost_records,
        unreadable.records,
        unreadable.objects,
        coalesce(sum(days.uncovered_cost), 0) as uncovered_cost,
        case unreadable.reason
            when 'no_readable_record' then 'none of its ' || unreadable.lost_records || ' records can be read'
            when 'cut_objects'
                then 'objects that cannot be read to their end, ' || unreadable.objects
            when 'unreadable_days'
                then
                    unreadable.lost_records || ' of ' || unreadable.records
                    || ' records of a day cannot be read, more than {{ var("quarantine_max_percent") }} %'
            else
                unreadable.lost_records || ' of ' || unreadable.records
                || ' records of the month cannot be read, more than {{ var("quarantine_max_percent") }} %'
        end || '; the first: ' || unreadable.example as what
    from unreadable
    left join gateway_days as days
        on
            unreadable.gateway = days.gateway
            and unreadable.billing_month = days.billing_month
            and days.usage_date between unreadable.first_day and unreadable.last_day
            and days.accepted_line is null
    group by
        unreadable.gateway,
        unreadable.billing_month,
        unreadable.reason,
        unreadable.first_day,
        unreadable.last_day,
        unreadable.lost_records,
        unreadable.records,
        unreadable.objects,
        unreadable.example
    union all
    select
        silent_days.gateway,
        silent_days.billing_month,
        silent_days.reason,
        null,
        silent_days.first_day,
        silent_days.last_day,
        null,
        null,
        null,
        silent_days.cost,
        'no record on ' || silent_days.days || case when silent_days.days = 1 then ' day' else ' days' end || ' between days with records, though the bill charges its keys or'
        || ' models on them, more than 1 % of an account''s month: deliver the objects of those days'
    from silent_days
    union all
    select
        absent.gateway,
        absent.billing_month,
        absent.reason,
        null,
        absent.first_day,
        absent.last_day,
        null,
        null,
        null,
        absent.cost,
        'nothing was ever read of it, though more than 1 % of the month is billed on days of which no request'
        || ' is known: correct its location, or take it out of tollbook.yaml'
    from absent
    inner join month_costs on absent.billing_month = month_costs.billing_month
    where absent.cost * 100 > month_costs.billed_cost
    union all
    select
        gateway,
        billing_month,
        'keys_of_others',
        null,
        billing_month,
        {{ last_of_month('billing_month') }},
        null,
        null,
        null,
        cost,
        'its log names no key, and money of keys that credentials.csv gives to another owner ('
        || withheld_keys || ') is not given to its requests, more than 1 % of the account''s month: write'
        || ' `credential: [' || keys || ']` into its entry in tollbook.yaml if it uses them, `credential: none` if it does not'
    from withheld
    union all
    select
        accepted.gateway,
        accepted.billing_month,
        'accepted',
        accepted.line,
        accepted.first_day,
        accepted.last_day,
        null,
        null,
        null,
        accepted.cost,
        'lost logs accepted by ' || accepted.accepted_by || ': ' || accepted.reason
    from accepted
),

final as (
    select
        told.billing_month,
        told.gateway,
        told.reason,
        told.accepted_line,
        told.reason <> 'accepted' as is_incomplete,
        told.first_day,
        told.last_day,
        told.lost_records,
        told.records,
        told.objects,
        cast(told.uncovered_cost as decimal(38, 12)) as uncovered_cost,
        told.what,
        case
            when told.reason not in ('accepted', 'keys_of_others')
                then
                    told.gateway || ',' || told.first_day || ',' || cast(told.last_day + interval 1 day as date)
                    || ',<who>,<why>'
        end as accepting_line
    from told
)

select * from final
