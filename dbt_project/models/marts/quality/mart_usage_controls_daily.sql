-- One row per UTC day x provider x account that an entry names x model of servers whose counters are read: what
-- they counted beside what logs say of the same. Never money, added to nothing. What a counter gained between
-- two samples counts on the day of the later one, midnight on the day before; the first sample of a series is
-- where it begins. A value that fell, or whose process began since, was counted from zero.
with landed as (
    select * from {{ source('landing', 'counters') }}
),

objects as (
    select * from {{ ref('stg_landing__objects') }}
    where kind = 'counters'
),

entries as (
    select
        source,
        coalesce(provider, 'own') as provider,
        billing_account
    from {{ source('landing', 'sources') }}
    where kind = 'counters'
),

-- scrapes overlap
samples as (
    select
        landed.source,
        landed.series,
        landed.counter,
        landed.instance,
        lower(trim(landed.model)) as raw_model,
        {{ utc('landed.sampled_at') }} as sampled_at,
        max(landed.value) as value,
        max({{ utc('landed.process_started_at') }}) as process_started_at
    from landed
    inner join objects
        on
            landed.source = objects.source
            and landed.batch = objects.batch
            and landed.object_no = objects.object_no
    group by all
),

named as (
    select
        samples.*,
        entries.provider,
        entries.billing_account,
        coalesce(names.model, samples.raw_model) as model,
        lag(samples.value) over (
            partition by samples.source, samples.series order by samples.sampled_at nulls last
        ) as value_before,
        lag(samples.sampled_at) over (
            partition by samples.source, samples.series order by samples.sampled_at nulls last
        ) as sampled_before
    from samples
    inner join entries on samples.source = entries.source
    left join {{ ref('int_model_names') }} as names
        on
            entries.provider = names.provider
            and samples.raw_model = names.raw_model
            and names.valid_from <= samples.sampled_at
            and samples.sampled_at < names.valid_to
),

increases as (
    select
        *,
        cast(sampled_at - interval 1 microsecond as date) as usage_date,
        case
            when value < value_before or coalesce(process_started_at > sampled_before, false) then value
            else value - value_before
        end as quantity,
        value < value_before or coalesce(process_started_at > sampled_before, false) as is_restart,
        date_diff('minute', sampled_before, sampled_at) as gap_minutes
    from named
    where value_before is not null
),

counted as (
    select
        usage_date,
        provider,
        billing_account,
        model,
        count(distinct instance) as servers,
        cast(sum(quantity) filter (where counter = 'requests') as bigint) as requests,
        cast(sum(quantity) filter (where counter = 'input') as bigint) as input_tokens,
        cast(sum(quantity) filter (where counter = 'output') as bigint) as output_tokens,
        cast(sum(quantity) filter (where counter = 'cache_read') as bigint) as cache_read_tokens,
        -- each of a server's counters falls
        count(distinct case when is_restart then instance || ' ' || cast(sampled_at as varchar) end) as restarts,
        max(gap_minutes) as longest_gap_minutes
    from increases
    group by usage_date, provider, billing_account, model
),

-- logs of hours that no counter saw say nothing
scopes as (
    select
        provider,
        billing_account,
        model,
        date_trunc('hour', min(sampled_at)) as counted_from,
        max(sampled_at) as counted_until
    from named
    group by provider, billing_account, model
),

cells as (
    select
        cells.usage_date,
        cells.cell_id,
        scopes.provider,
        scopes.billing_account,
        scopes.model,
        greatest(cells.provider_requests - cells.failed_requests, 0) as requests
    from scopes
    inner join {{ ref('int_cells') }} as cells
        on
            scopes.provider = cells.provider
            and scopes.model = cells.model
            and coalesce(scopes.billing_account, cells.billing_account) is not distinct from cells.billing_account
            and scopes.counted_from <= cells.usage_hour
            and cells.usage_hour < scopes.counted_until
),

cell_tokens as (
    select
        cell_id,
        sum(case when {{ meter_side('meter') }} = 'input' then quantity else 0 end) as input_tokens,
        sum(case when {{ meter_side('meter') }} = 'output' then quantity else 0 end) as output_tokens,
        sum(case when meter = 'cache_read' then quantity else 0 end) as cache_read_tokens
    from {{ ref('int_cell_meters') }}
    where {{ is_token_meter('meter') }} and cell_id in (select cell_id from cells)
    group by cell_id
),

logged as (
    select
        cells.usage_date,
        cells.provider,
        cells.billing_account,
        cells.model,
        cast(sum(cells.requests) as bigint) as requests,
        cast(coalesce(sum(cell_tokens.input_tokens), 0) as bigint) as input_tokens,
        cast(coalesce(sum(cell_tokens.output_tokens), 0) as bigint) as output_tokens,
        cast(coalesce(sum(cell_tokens.cache_read_tokens), 0) as bigint) as cache_read_tokens
    from cells
    left join cell_tokens on cells.cell_id = cell_tokens.cell_id
    group by cells.usage_date, cells.provider, cells.billing_account, cells.model
),

compared as (
    select
        coalesce(counted.usage_date, logged.usage_date) as usage_date,
        coalesce(counted.provider, logged.provider) as provider,
        coalesce(counted.billing_account, logged.billing_account) as billing_account,
        coalesce(counted.model, logged.model) as model,
        coalesce(counted.servers, 0) as servers,
        counted.requests as counted_requests,
        coalesce(logged.requests, 0) as logged_requests,
        counted.input_tokens as counted_input_tokens,
        coalesce(logged.input_tokens, 0) as logged_input_tokens,
        counted.output_tokens as counted_output_tokens,
        coalesce(logged.output_tokens, 0) as logged_output_tokens,
        counted.cache_read_tokens as counted_cache_read_tokens,
        coalesce(logged.cache_read_tokens, 0) as logged_cache_read_tokens,
        coalesce(counted.restarts, 0) as restarts,
        counted.longest_gap_minutes
    from counted
    full outer join logged
        on
            counted.usage_date = logged.usage_date
            and counted.provider = logged.provider
            and counted.billing_account is not distinct from logged.billing_account
            and counted.model = logged.model
),

differences as (
    select
        *,
        counted_input_tokens + counted_output_tokens as counted_tokens,
        counted_input_tokens + counted_output_tokens - logged_input_tokens - logged_output_tokens as unlogged_tokens
    from compared
),

final as (
    select
        usage_date,
        provider,
        billing_account,
        model,
        servers,
        counted_requests,
        logged_requests,
        counted_input_tokens,
        logged_input_tokens,
        counted_output_tokens,
        logged_output_tokens,
        counted_cache_read_tokens,
        logged_cache_read_tokens,
        cast(unlogged_tokens as bigint) as unlogged_tokens,
        cast(
            sign(unlogged_tokens) * {{ split_floor('abs(unlogged_tokens)', '10000', 'nullif(counted_tokens, 0)') }}
            * cast(0.01 as decimal(3, 2)) as decimal(38, 2)
        ) as unlogged_percent,
        restarts,
        cast(longest_gap_minutes as bigint) as longest_gap_minutes
    from differences
)

select * from final
