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
