{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}
-- depends_on: {{ ref('stg_landing__objects') }} {{ ref('int_calls_told_twice') }} {{ ref('int_calls_merged') }} {{ ref('int_record_exceptions') }} {{ ref('int_request_contexts') }} {{ ref('stg_landing__requests_in_hand') }}
-- One row per request of the days in hand, and per call of a tool that prices.csv prices: what it is on the bill (provider, account, credential, model, tier,
-- context band). Owners come next.
{%- set split_finer = requests_split_finer(ref('stg_landing__requests_in_hand'), ref('int_record_exceptions')) %}
{%- set merged = said_by_any_source() + said_of_usage() + ['attributes', 'unnamed_attributes'] %}
with landed as (
    select
        requests.*,
        cast(requests.used_at as date) as usage_date
        {%- if not may_be_told_twice() %},
        cast(null as string) as observed_also_in
        {%- endif %}
    from {{ requests_and_tool_calls(split_finer, ref('int_request_contexts')) }} as requests
    where {{ stands('requests', ref('int_record_exceptions')) }}
),

{% if may_be_told_twice() -%}
-- calls that several sources logged, once, with what all of them say
calls as (
    select
        {{ all_but(merged | join(', '), of='landed') }},
        {%- for column in merged %}
        case when merged.record_key is null then landed.{{ column }} else merged.{{ column }} end as {{ column }},
        {%- endfor %}
        merged.observed_also_in
    from landed
    left join {{ ref('int_calls_merged') }} as merged on landed.record_key = merged.record_key
    where
        landed.record_key not in (
            select record_key from {{ ref('int_calls_told_twice') }}
            where standing_key is not null
        )
),

{% endif -%}
deployments as (
    select * from {{ ref('int_deployments_resolved') }}
),

pools as (
    select * from {{ ref('int_pool_deployments') }}
),

-- what a gateway's entry in tollbook.yaml says where neither deployments.csv nor the log does
entries as (
    select * from {{ source('landing', 'sources') }}
    where kind = 'gateway'
),

accounts_only as (
    select * from {{ ref('int_accounts_only') }}
),

model_names as (
    select * from {{ ref('int_model_names') }}
),

price_regions as (
    select * from {{ ref('int_price_regions') }}
),

context_bands as (
    select * from {{ ref('int_context_bands') }}
),

requests as (
    select
        {{ all_but(
            'request_key, record_key, request_id_made, provider, region, service_tier, object, object_hash',
            of='landed'
        ) }},
        landed.record_key as request_key,
        pools.pool,
        coalesce(pools.provider, deployments.provider, landed.provider, entries.provider, '__unknown__')
            as provider,
        coalesce(pools.billing_account, deployments.billing_account) as deployed_account,
        coalesce(deployments.sub_account, landed.sub_account_hint) as known_sub_account,
        coalesce(deployments.provider_credential_id, landed.credential_hint) as known_credential_id,
        coalesce(deployments.region, landed.region) as known_region,
        entries.provider as entry_provider,
        entries.billing_account as entry_account,
        entries.sub_account as entry_sub_account,
        entries.credential_id as entry_credential_id,
        entries.region as entry_region,
        -- a log that does not say the tier is priced as the one that was asked for, else as standard, and
        -- may be on the bill as another
        case
            when lower(landed.service_tier) = 'default' then 'standard'
            when coalesce(lower(landed.service_tier), '') not in ('auto', '') then lower(landed.service_tier)
            when
                landed.service_tier_asked in (
                    {%- for tier in var('service_tiers') %}'{{ tier }}'{{ ", " if not loop.last }}{% endfor -%}
                )
                then landed.service_tier_asked
            else 'standard'
        end as service_tier,
        coalesce(lower(landed.service_tier), '') in ('auto', '') as tier_assumed,
        coalesce(landed.input_quantity, 0)
        + coalesce(landed.cache_read_quantity, 0)
        + coalesce(landed.cache_write_5m_quantity, 0)
        + coalesce(landed.cache_write_1h_quantity, 0)
        + coalesce(landed.audio_input_quantity, 0)
        + coalesce(landed.image_input_quantity, 0) as context_quantity
    from {{ 'calls' if may_be_told_twice() else 'landed' }} as landed
    left join deployments
        on
            landed.source = deployments.source
            and coalesce(landed.deployment_id, '') = deployments.deployment_id
            and deployments.valid_from <= landed.started_at
            and landed.started_at < deployments.valid_to
            {%- if has_priced_tools() %}
            and not landed.is_tool_call
            {%- endif %}
    left join entries on landed.source = entries.source
    left join pools
        on
            landed.source = pools.source
            and landed.deployment_id = pools.deployment_id
            and pools.valid_from <= landed.started_at
            and landed.started_at < pools.valid_to
),

-- Of a request's names the one that says most decides. What models.csv says of a name that was
-- called goes first, then a name that a list knows: as served, as the gateway's own price map has it
-- (a deployment's base model), as routed. What the client asked for, an alias may be, stands only where
-- there is no other.
named as (
    select
        requests.*,
        {%- for name in ['served', 'mapped', 'routed', 'requested'] %}
        {{ name }}.model as {{ name }}_name,
        {{ name }}.source as {{ name }}_source,
        {%- endfor %}
        case
            {%- for name in ['served', 'mapped', 'routed'] %}
            when {{ name }}.source = 'models.csv' then '{{ name }}'
            {%- endfor %}
            {%- for name in ['served', 'mapped', 'routed'] %}
            when {{ name }}.source <> 'as_logged' then '{{ name }}'
            {%- endfor %}
            {%- for name in ['routed', 'served', 'mapped', 'requested'] %}
            when {{ spelled('requests.model_' ~ name) }} is not null then '{{ name }}'
            {%- endfor %}
        end as deciding_name
    from requests
    {%- for name in ['served', 'mapped', 'routed', 'requested'] %}
    left join model_names as {{ name }}
        on
            {{ model_named(name, 'requests.provider', 'requests.model_' ~ name, 'requests.started_at') }}
    {%- endfor %}
),

modelled as (
    select
        {{ all_but(
            'served_name, served_source, mapped_name, mapped_source, routed_name, routed_source, requested_name, '
            ~ 'requested_source, deciding_name',
            of='named'
        ) }},
        coalesce(
            named.deployed_account,
            named.account_hint,
            case when named.provider = coalesce(named.entry_provider, named.provider) then named.entry_account end,
            accounts_only.billing_account,
            '__unknown__'
        ) as billing_account,
        case named.deciding_name
            {%- for name in ['served', 'mapped', 'routed', 'requested'] %}
            when '{{ name }}' then {{ spelled('named.model_' ~ name) }}
            {%- endfor %}
            else '__unknown__'
        end as raw_model,
        case
            {%- if has_priced_tools() %}
            when named.is_tool_call then named.model_routed
            {%- endif %}
            {%- for name in ['served', 'mapped', 'routed', 'requested'] %}
            when named.deciding_name = '{{ name }}'
                then coalesce(named.{{ name }}_name, {{ spelled('named.model_' ~ name) }})
            {%- endfor %}
            else '__unknown__'
        end as model,
        case named.deciding_name
            {%- for name in ['served', 'mapped', 'routed', 'requested'] %}
            when '{{ name }}' then coalesce(named.{{ name }}_source, 'as_logged')
            {%- endfor %}
            else 'as_logged'
        end as model_source
    from named
    left join accounts_only on named.provider = accounts_only.provider
),

-- an entry speaks of its own provider and account, its key and its sub-account of each other
placed as (
    select
        {{ all_but(
            'known_sub_account, entry_sub_account, known_credential_id, entry_credential_id, known_region, '
            ~ 'entry_region, entry_provider, entry_account'
        ) }}
        {%- for place, beside in [('sub_account', 'credential_id'), ('credential_id', 'sub_account'), ('region', none)] %},
        coalesce(
            known_{{ place }},
            case
                when
                    provider = coalesce(entry_provider, provider)
                    and billing_account = coalesce(entry_account, billing_account)
                    {%- if beside %}
                    and coalesce(known_{{ beside }}, entry_{{ beside }}, '~')
                    = coalesce(entry_{{ beside }}, known_{{ beside }}, '~')
                    {%- endif %}
                    then entry_{{ place }}
            end
        ) as {{ place }}
        {%- endfor %}
    from modelled
),

-- the region whose prices count: its own where the model has any there, else those of any region
regional as (
    select
        {{ all_but('deployed_account', of='placed') }},
        coalesce(price_regions.region, '*') as price_region
    from placed
    left join price_regions
        on
            placed.provider = price_regions.provider
            and placed.model = price_regions.model
            and lower(placed.region) = price_regions.region
            and price_regions.valid_from <= placed.started_at
            and placed.started_at < price_regions.valid_to
),

final as (
    select
        regional.*,
        -- Anthropic bills all its models in two windows, whatever their price
        case
            when
                regional.context_quantity > coalesce(
                    case when regional.provider = 'anthropic' then 200000 end,
                    context_bands.long_above
                )
                then 'long'
            else 'base'
        end as context_band
    from regional
    left join context_bands
        on
            regional.provider = context_bands.provider
            and regional.model = context_bands.model
            and regional.price_region = context_bands.region
            and context_bands.valid_from <= regional.started_at
            and regional.started_at < context_bands.valid_to
)

select * from final
