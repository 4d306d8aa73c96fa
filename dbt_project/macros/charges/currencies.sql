{# Bills in other currencies than the workspace's: int_billing_currencies has the rate of a month. #}

{# An amount in another currency, in the workspace's: times the rate, rounded half up on its absolute
   value, so that money back is as much as money spent. Without a rate it is the workspace's. #}
{% macro converted(pico, rate_pico) -%}
    cast(
        case
            when {{ rate_pico }} is null then {{ pico }}
            else
                case when {{ pico }} < 0 then -1 else 1 end * (
                    {{ split_floor('abs(' ~ pico ~ ')', rate_pico, '1000000000000') }}
                    + case
                        when
                            {{ split_remainder('abs(' ~ pico ~ ')', rate_pico, '1000000000000') }}
                            >= 500000000000
                            then 1
                        else 0
                    end
                )
        end as decimal(38, 0)
    )
{%- endmacro %}

{# Whether an amount can count: in the currency of its month, and with a rate where it needs one.
   `months`: int_billing_currencies, left joined. #}
{% macro is_convertible(currency, months) -%}
    {{ currency }} = coalesce({{ months }}.currency, '{{ var("currency") }}')
    and ({{ currency }} = '{{ var("currency") }}' or {{ months }}.rate_pico is not null)
{%- endmacro %}
