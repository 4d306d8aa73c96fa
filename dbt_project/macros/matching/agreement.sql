{# How far the tier of a part of a charge and of a cell must agree: `same`, both say it; `priced`, a log that
   does not know it has the one that prices it, where the bill has no other for the same; `asked`, it has the one that prices it, the asked one or standard, beside others on the bill; `open`, such a log
   agrees with any. A charge that carries none agrees with any but at `same`. #}
{% macro tier_agrees(part, cell, how) -%}
    (
        {%- if how == 'asked' %}
        {{ part }}.service_tier = {{ cell }}.service_tier and {{ cell }}.tier_assumed
        {%- elif how != 'open' %}
        ({{ part }}.service_tier = {{ cell }}.service_tier
            and not ({{ cell }}.tier_assumed and coalesce({{ part }}.has_other_tiers, false)))
        {%- else %}
        {{ part }}.service_tier = {{ cell }}.service_tier
        or {{ cell }}.tier_assumed
        {%- endif %}
        {%- if how not in ('same', 'asked') %}
        or {{ part }}.service_tier is null
        or {{ is_untold_speed(part, cell) }}
        {%- endif %}
    )
{%- endmacro %}

{# The same for the context band. A log knows it by the price book: where the book has one band of the
   model alone, the bill decides. #}
{% macro band_agrees(part, cell, how) -%}
    (
        {{ part }}.context_band = {{ cell }}.context_band
        {%- if how != 'same' %}
        or {{ part }}.context_band is null
        {%- endif %}
        {%- if how == 'open' %}
        or not coalesce({{ part }}.is_banded, true)
        {%- endif %}
    )
{%- endmacro %}
