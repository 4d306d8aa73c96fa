{# The days an incremental model must build: those whose inputs are not the ones it was built from.
   With forget_changed_days as its pre-hook a model replaces whole days, vanished ones too. #}
{% macro changed_days() -%}
    select
        day_inputs.usage_date,
        day_inputs.day_hash
    from {{ ref('int_day_inputs') }} as day_inputs
    {%- if is_incremental() %}
    where
        not exists (
            select 1
            from {{ this }} as built
            where
                built.usage_date = day_inputs.usage_date
                and built.day_hash = day_inputs.day_hash
        )
    {%- endif %}
{%- endmacro %}

{% macro forget_changed_days() -%}
    {%- if is_incremental() %}
    delete from {{ this }} as built
    where
        not exists (
            select 1
            from {{ ref('int_day_inputs') }} as day_inputs
            where
                built.usage_date = day_inputs.usage_date
                and built.day_hash = day_inputs.day_hash
        )
    {%- endif %}
{%- endmacro %}
