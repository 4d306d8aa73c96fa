{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_changed_days() }}",
) }}
-- One row per request and meter with a quantity, priced as of the event. Without a price the costs
-- are NULL: unknown is not free. An answer from the gateway's own cache used nothing of a provider.
{#- built before, for it copies the rows that go; told when dbt parses, so that unit tests need no rows -#}
{%- if not execute %}{% do ref('int_request_meters_before') %}{% endif %}
with days as (
    {{ changed_days() }}
),

requests as (
    select requests.*
    from {{ ref('int_requests') }} as requests
    inner join days on requests.usage_date = days.usage_date
),

prices as (
    select * from {{ ref('int_prices_dated') }}
),

quantities as (
    {%- for meter in var('meters') %}
    select
        request_key,
        usage_date,
        day_hash,
        cell_id,
        provider,
        model,
        service_tier,
        price_region,
        started_at,
        context_quantity,
        '{{ meter }}' as meter,
        {{ meter }}_quantity as quantity
    from requests
    where {{ is_billable(meter) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        quantities.request_key,
        quantities.usage_date,
        quantities.day_hash,
        quantities.cell_id,
        quantities.meter,
        quantities.quantity,
        prices.price_id,
        prices.list_pico_per_million,
        prices.contracted_pico_per_million,
        {{ cost_pico('quantities.quantity', 'prices.list_pico_per_million') }} as list_cost_pico,
        {{ cost_pico('quantities.quantity', 'prices.contracted_pico_per_million') }}
            as contracted_cost_pico
    from quantities
    left join prices
        on
            {{ price_in_force('prices', 'quantities') }}
)

select * from final
