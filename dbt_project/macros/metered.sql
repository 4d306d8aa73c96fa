{# One row per request and meter with a quantity that can be billed, from a relation of requests that
   has also `has_fee`. The fee of an answered request is a meter too, of quantity 1. #}
{% macro metered(requests) -%}
    select *
    from (
        select
            requests.request_key,
            requests.usage_date,
            requests.day_hash,
            requests.cell_id,
            requests.provider,
            requests.billing_account,
            requests.model,
            requests.service_tier,
            requests.price_region,
            requests.started_at,
            requests.context_quantity,
            meters.meter,
            case meters.meter
                {%- for meter in var('meters') %}
                when '{{ meter }}' then {{ billable_quantity('requests', meter) }}
                {%- endfor %}
                when 'requests' then case when requests.has_fee and requests.status = 'success' then 1 end
            end as quantity
        from {{ requests }} as requests
        cross join (
            {%- for meter in var('meters') + ['requests'] %}
            select '{{ meter }}' as meter
            {%- if not loop.last %}
            union all
            {%- endif %}
            {%- endfor %}
        ) as meters
        where not {{ answered_by_gateway('requests.cache_layer') }}
    ) as quantities
    where quantity > 0
{%- endmacro %}

{# Pieces are not counted where their tokens are: one thing is billed once. #}
{% macro billable_quantity(requests, meter) -%}
    {%- if meter in counted_as_tokens() -%}
        case
            when coalesce({{ requests }}.{{ counted_as_tokens()[meter] }}_quantity, 0) = 0
                then {{ requests }}.{{ meter }}_quantity
        end
    {%- else -%}
        {{ requests }}.{{ meter }}_quantity
    {%- endif -%}
{%- endmacro %}

{# Joins a relation of requests to int_request_fees: at most one row. #}
{% macro fee_in_force(fee, request) -%}
    {{ request }}.provider = {{ fee }}.provider
            and {{ request }}.model = {{ fee }}.model
            and {{ request }}.price_region = {{ fee }}.region
            and {{ fee }}.valid_from <= {{ request }}.started_at
            and {{ request }}.started_at < {{ fee }}.valid_to
{%- endmacro %}

{# What a charge says of its meter where it can be compared with what was logged, else NULL: the bill
   counts in another unit, in fractions of one, or in more than split_floor divides exactly. Time is
   logged in whole seconds, and less than one is one. #}
{% macro countable_quantity(quantity, unit, meter) -%}
    case
        when abs({{ quantity }}) > 1000000000000000 then null
        {%- for counted, units in var('billed_units').items() %}
        when {{ meter_unit(meter) }} = '{{ counted }}' and coalesce({{ unit }}, '') in ('{{ units | join("', '") }}')
            {%- if counted == 'second' %}
            then case when {{ quantity }} > 0 and {{ quantity }} < 1 then 1 else round({{ quantity }}) end
            {%- else %}
            then case when {{ quantity }} = floor({{ quantity }}) then {{ quantity }} end
            {%- endif %}
        {%- endfor %}
    end
{%- endmacro %}

{# True for a charge whose meter requests can have: tokens, and what else they count. #}
{% macro is_metered(charges) -%}
    (
        {{ charges }}.charge_kind = 'tokens'
        or ({{ charges }}.charge_kind = 'tool'
            and coalesce({{ charges }}.meter, '') in ('{{ var("meter_units") | join("', '") }}'))
    )
{%- endmacro %}
