-- One row per day of use with the hash of everything that decides its requests: the records that stand,
-- the reference rows in force on that day, the workspace's settings and the rules themselves.
-- Dirtiness is derived from it: a day whose hash a model was not built from is built again.
with record_days as (
    select * from {{ ref('int_record_days') }}
    where requests > 0
),

{% if has_priced_tools() -%}
tools as (
    {{ priced_tools() }}
),

context_days as (
    select min(day) as first_day from {{ source('seen', 'context_days') }}
),

{% endif -%}

model_names as (
    select * from {{ ref('int_model_names') }}
),

volume_periods as (
    select distinct valid_from, valid_to
    from {{ ref('int_prices_dated') }}
    where
        (volume_above > 0 or volume_up_to is not null)
        and concat(provider, '/', model) in (select concat(provider, '/', model) from model_names)
),

record_hashes as (
    select
        usage_date,
        cast(sum(requests) as bigint) as requests,
        sum(records_hash) as records_hash,
        sum(records_hash) filter (where start_day < usage_date) as earlier_starts_hash
    from record_days
    group by usage_date
    {%- if has_priced_tools() %}
    union all
    -- on which nothing but tools may have been called
    select distinct
        day as usage_date,
        0 as requests,
        null as records_hash,
        null as earlier_starts_hash
    from {{ source('seen', 'context_days') }}
    where day not in (select usage_date from record_days)
    {%- endif %}
),

reference_rows as (
    -- how owners are spelt, which is all that teams.csv and aliases.csv decide of a request
    select valid_from, valid_to, {{ key_of(["'spelling'", 'dimension', 'spelling', 'value']) }} as row_hash
    from {{ ref('int_spellings') }}
    -- a name in lower case is what it would be anyway
    where value <> spelling
    union all
    select
        valid_from,
        valid_to,
        {{ key_of(["'credential'", 'source', 'credential_id'] + var('credential_owners') | list) }}
    from {{ source('landing', 'credentials') }}
    union all
    select
        valid_from,
        valid_to,
        {{ key_of(["'customer'", 'customer_id'] + customer_owners() + ['converted']) }}
    from {{ source('landing', 'customers') }}
    union all
    select
        valid_from,
        valid_to,
        {{ key_of(["'rule'", 'rule'] + each_owner('set_') + ['place_among_equals']) }}
    from {{ ref('int_rules_ranked') }}
    union all
    select
        valid_from,
        valid_to,
        {{ key_of(["'deployment'", 'gateway', 'deployment_id', 'provider', 'billing_account', 'sub_account', 'provider_credential_id', 'region']) }}
    from {{ source('landing', 'deployments') }}
    union all
    -- which pool a deployment is of; what the pool costs decides no request
    select valid_from, valid_to, {{ key_of(["'pool'", 'pool', 'deployments', 'provider', 'billing_account']) }}
    from {{ ref('stg_reference__capacity') }}
    union all
    select
        timestamp '0001-01-01' as valid_from,
        timestamp '9999-12-31' as valid_to,
        {{ key_of([
            "'source'", 'source', 'provider', 'billing_account', 'role', 'sub_account', 'credential_id', 'region',
        ] + (['seen_from', 'same_call_milliseconds'] if may_be_told_twice() else [])) }}
    from {{ source('landing', 'sources') }}
),

models_named as (
    select
        provider,
        model,
        min(greatest(first_seen, valid_from)) as named_from
    from model_names
    where first_seen is not null
    group by provider, model
),

-- names, prices, price regions and fees only of what logs or bills have, and since they do: a new one
-- rebuilds no old day
model_rows as (
    select
        valid_from,
        valid_to,
        {{ key_of(["'model'", 'provider', 'raw_model', 'model', 'source']) }} as row_hash,
        first_seen as named_from
    from model_names
    where first_seen is not null
    {%- for kind, relation, columns in [
        ('price', ref('int_prices_dated'),
         ['dated.price_id', 'dated.list_pico_per_million', 'dated.contracted_pico_per_million']),
        ('price region', ref('int_price_regions'), ['dated.provider', 'dated.model', 'dated.region']),
        ('request fee', ref('int_request_fees'), ['dated.provider', 'dated.model', 'dated.region']),
    ] %}
    union all
    select
        dated.valid_from,
        dated.valid_to,
        {{ key_of(["'" ~ kind ~ "'"] + columns) }},
        models_named.named_from
    from {{ relation }} as dated
    inner join models_named
        on dated.provider = models_named.provider and dated.model = models_named.model
    {%- endfor %}
),

deciding_rows as (
    select * from model_rows
    {%- if has_priced_tools() %}
    union all
    -- tools are called in traces alone, and no list of names has them
    select
        prices.valid_from,
        prices.valid_to,
        {{ key_of([
            "'tool'", 'tools.tool', 'prices.price_id', 'prices.list_pico_per_million', 'prices.contracted_pico_per_million',
        ]) }} as row_hash,
        cast(context_days.first_day as timestamp) as named_from
    from {{ ref('int_prices_dated') }} as prices
    inner join tools on prices.provider = tools.provider and prices.model = tools.model
    cross join context_days
    {%- endif %}
    union all
    select *, timestamp '0001-01-01' as named_from from reference_rows
),

-- of a row's validity only what a day can see: a change from a day on leaves earlier days alone. A
-- batch is dated by its completion and priced as of its start, up to a week before.
reference_hashes as (
    select
        record_hashes.usage_date,
        {{ hash_of_rows("concat_ws(
            '|',
            deciding_rows.row_hash,
            greatest(deciding_rows.valid_from, record_hashes.usage_date - interval 8 day),
            least(deciding_rows.valid_to, record_hashes.usage_date + interval 1 day)
        )") }} as reference_hash
    from record_hashes
    left join deciding_rows
        on
            deciding_rows.valid_from < record_hashes.usage_date + interval 1 day
            and deciding_rows.valid_to > record_hashes.usage_date - interval 8 day
            and deciding_rows.named_from < record_hashes.usage_date + interval 1 day
    group by record_hashes.usage_date
),

{% if may_be_told_twice() -%}
-- where a call of one source may be another's, a day is decided with what stands beside its midnights
beside as (
    select
        usage_date,
        {{ hash_of_rows("concat_ws('|', source, side, standing_hash)") }} as beside_hash
    from (
        {%- for side, column, day in [('earlier', 'last_hash', 'start_day + interval 1 day'), ('later', 'first_hash', 'start_day - interval 1 day')] %}
        select
            cast({{ day }} as date) as usage_date,
            source,
            '{{ side }}' as side,
            {{ column }} as standing_hash
        from record_days
        where {{ column }} is not null and usage_date = start_day
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as neighbours
    group by usage_date
),

{% endif -%}
{% if has_contexts() -%}
{%- set before, after = days_of_contexts() %}
-- and with what its runs say of it
contexts as (
    select
        record_hashes.usage_date,
        {{ hash_of_rows("concat_ws('|', days.source, days.day, days.content)") }} as contexts_hash
    from record_hashes
    inner join (
        select
            source,
            day,
            concat_ws('|', sum(rows), sum(rows_hash), sum(replaced)) as content
        from (
            select
                context_days.source,
                context_days.day,
                context_days.rows,
                context_days.rows_hash,
                count(objects.object_no) as replaced
            from {{ source('seen', 'context_days') }} as context_days
            left join {{ source('landing', 'objects') }} as objects
                on
                    context_days.source = objects.source
                    and context_days.batch = objects.batch
                    and objects.object_no between context_days.first_object and context_days.last_object
                    and not objects.is_current
            group by
                context_days.file,
                context_days.source,
                context_days.day,
                context_days.batch,
                context_days.rows,
                context_days.rows_hash
        ) as files
        group by source, day
    ) as days
        on
            days.day >= cast(record_hashes.usage_date - interval {{ before }} day as date)
            and days.day <= cast(record_hashes.usage_date + interval {{ after }} day as date)
    group by record_hashes.usage_date
),

{% endif -%}
own_hashes as (
    select
        record_hashes.usage_date,
        record_hashes.requests,
        record_hashes.earlier_starts_hash,
        reference_hashes.reference_hash,
        md5(concat_ws(
            '|',
            record_hashes.requests,
            record_hashes.records_hash,
            reference_hashes.reference_hash,
            {%- if may_be_told_twice() %}
            coalesce(beside.beside_hash, 0),
            {%- endif %}
            {%- if has_contexts() %}
            coalesce(contexts.contexts_hash, 0),
            {%- endif %}
            '{{ local_md5(tojson(var("attribution"), sort_keys=true) ~ var("timezone")) }}',
            '{{ var("rules_version") }}'
        )) as own_hash
    from record_hashes
    inner join reference_hashes on record_hashes.usage_date = reference_hashes.usage_date
    {%- if may_be_told_twice() %}
    left join beside on record_hashes.usage_date = beside.usage_date
    {%- endif %}
    {%- if has_contexts() %}
    left join contexts on record_hashes.usage_date = contexts.usage_date
    {%- endif %}
),

-- where a price has volume bands, a day also depends on what its month used before: on days before
-- it, and on batches that started earlier and ended later
volume_days as (
    select distinct own_hashes.usage_date
    from own_hashes
    inner join volume_periods
        on
            volume_periods.valid_from < own_hashes.usage_date + interval 1 day
            and volume_periods.valid_to > own_hashes.usage_date - interval 8 day
),

month_hashes as (
    select
        volume_days.usage_date,
        {{ hash_of_rows("concat_ws(
            '|',
            others.usage_date,
            case
                when others.usage_date < volume_days.usage_date then others.own_hash
                else concat_ws('|', others.earlier_starts_hash, others.reference_hash)
            end
        )") }} as month_hash
    from volume_days
    inner join own_hashes as others
        on
            others.usage_date >= {{ start_of('month', 'volume_days.usage_date - interval 8 day') }}
            and (
                others.usage_date < volume_days.usage_date
                or (
                    others.usage_date > volume_days.usage_date
                    and others.usage_date <= volume_days.usage_date + interval 8 day
                    and others.earlier_starts_hash is not null
                )
            )
    group by volume_days.usage_date
),

final as (
    select
        own_hashes.usage_date,
        own_hashes.requests,
        case
            when month_hashes.usage_date is null then own_hashes.own_hash
            else md5(concat_ws('|', own_hashes.own_hash, month_hashes.month_hash))
        end as day_hash
    from own_hashes
    left join month_hashes on own_hashes.usage_date = month_hashes.usage_date
)

select * from final
