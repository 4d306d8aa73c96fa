{# Days with requests that have no feature or no team, with the hash of what decides their costs: the day, what
   its cells without an owner have of each month's charges, and the words of the model. #}
{% macro unowned_days() -%}
    select
        cells.usage_date,
        md5(concat_ws('|', cells.day_hash, money.money_hash, '{{ unowned_words() }}')) as costs_hash
    from (
        select distinct usage_date, day_hash
        from {{ ref('int_cells') }}
        where {{ any_accountable("= '__unallocated__'") }}
    ) as cells
    left join (
        select
            usage_date,
            {{ hash_of_rows(key_of(['cell_id', 'cell_meter', 'billing_month', 'billed_pico + estimated_pico'])) }}
                as money_hash
        from {{ ref('int_allocations') }}
        where cell_id is not null and {{ any_accountable("= '__unallocated__'") }}
        group by usage_date
    ) as money
        on cells.usage_date = money.usage_date
{%- endmacro %}

{# Gives up what a model has of days that are not as they were. #}
{% macro forget_unowned_days() -%}
    {%- if is_incremental() %}
    delete from {{ this }}
    where concat_ws('|', usage_date, costs_hash) not in (
        select concat_ws('|', usage_date, costs_hash) from ({{ unowned_days() }}) as days
    )
    {%- endif %}
{%- endmacro %}

{# Of this model, and of what tells requests apart in it: with other words every day is built again. #}
{% macro unowned_words() -%}
    {%- set words = [model.raw_code, proposal_caller(), is_first_choice()] -%}
    {%- for fields in proposal_matches() %}{% do words.append(proposal_match(fields)) %}{% endfor -%}
    {%- for field in proposal_splits() %}{% do words.append(proposal_value(field)) %}{% endfor -%}
    {{ return(local_md5(words | join('|'))) }}
{%- endmacro %}
