{# One row per request and meter with a quantity that can be billed, from a relation of requests that
   has also `has_fee`. The fee of an answered request is a meter too, of quantity 1. `hits`: of answers from the
   gateway's own cache, what the provider would have metered. #}
{% macro metered(requests, hits=false) -%}
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
        where {{ 'not ' if not hits }}{{ answered_by_gateway('requests.cache_layer') }}
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
