{# Of `days` (their usage_date and day_hash) those whose costs may be other ones, with the hash of what decides these:
   the day, what its cells have of each month's charges, and `words`, an expression for what the model itself says.
   `allocations` are those that count. Costs change in months in hand alone; with other words they do on every day. #}
{% macro costed_days(days, allocations, words) -%}
    select
        days.usage_date,
        {{ words }} || ':' || md5(concat_ws('|', days.day_hash, money.money_hash)) as costs_hash
    from (
        {{ days }}
    ) as days
    left join (
        select
            usage_date,
            {{ hash_of_rows(key_of(['cell_id', 'cell_meter', 'billing_month', 'billed_pico + estimated_pico'])) }}
                as money_hash
        from {{ ref('int_allocations') }}
        where
            cell_id is not null
            and {{ allocations }}
            and usage_date in (select usage_date from ({{ days }}) as days)
            and usage_date in ({{ days_in_reach(words) }})
        group by usage_date
    ) as money on days.usage_date = money.usage_date
    where days.usage_date in ({{ days_in_reach(words) }})
{%- endmacro %}

{% macro days_in_reach(words) -%}
    {%- if is_incremental() %}
    select distinct usage_date from {{ ref('int_cells') }}
    where
        usage_date in (select usage_date from {{ ref('int_cells_in_hand') }})
        or exists (select 1 from {{ this }} where not starts_with(costs_hash, {{ words }} || ':'))
    {%- else %}
    select distinct usage_date from {{ ref('int_cells') }}
    {%- endif %}
{%- endmacro %}

{# Those that the model does not have as they are. #}
{% macro new_costed_days(days) -%}
    select * from (
        {{ days }}
    ) as costed
    {%- if is_incremental() %}
    where concat_ws('|', usage_date, costs_hash) not in (
        select concat_ws('|', usage_date, costs_hash) from {{ this }}
    )
    {%- endif %}
{%- endmacro %}

{# Gives up what a model has of days that are not as they were, or are no more. #}
{% macro forget_costed_days(days, words) -%}
    {%- if is_incremental() %}
    delete from {{ this }}
    where
        (
            usage_date in ({{ days_in_reach(words) }})
            and concat_ws('|', usage_date, costs_hash) not in (
                select concat_ws('|', usage_date, costs_hash) from ({{ days }}) as costed
            )
        )
        or usage_date not in (select usage_date from {{ ref('int_cells') }})
    {%- endif %}
{%- endmacro %}

{# Days with requests that have no feature or no team. #}
{% macro unowned_days() -%}
    {%- set days -%}
        select distinct usage_date, day_hash
        from {{ ref('int_cells') }}
        where {{ any_accountable("= '__unallocated__'") }}
    {%- endset -%}
    {{ costed_days(days, any_accountable("= '__unallocated__'"), unowned_words()) }}
{%- endmacro %}

{# Of this model, and of what tells requests apart in it. #}
{% macro unowned_words() -%}
    {%- set words = [model.raw_code, proposal_caller(), is_first_choice()] -%}
    {%- for fields in proposal_matches() %}{% do words.append(proposal_match(fields)) %}{% endfor -%}
    {%- for field in proposal_splits() %}{% do words.append(proposal_value(field)) %}{% endfor -%}
    {{ return("'" ~ local_md5(words | join('|')) ~ "'") }}
{%- endmacro %}

{# Days with requests that a rule matches. #}
{% macro rule_cost_days() -%}
    {%- set days = 'select distinct usage_date, day_hash from ' ~ ref('int_request_rules') -%}
    {{ costed_days(days, 'true', rule_cost_words()) }}
{%- endmacro %}

{# Of this model, and of the rules: with another one every line may be another. #}
{% macro rule_cost_words() -%}
    {%- set said = ['line', 'rule', 'match', 'priority', 'literals', 'glob_length', 'valid_from', 'valid_to'] -%}
    {%- for dimension in owner_dimensions() %}{% do said.append('set_' ~ dimension) %}{% endfor -%}
    {%- set rules = '(select md5(cast(' ~ hash_of_rows(key_of(said)) ~ ' as varchar)) from ' ~ ref('int_rules_ranked') ~ ')' -%}
    {{ return("concat_ws('-', '" ~ local_md5(model.raw_code) ~ "', " ~ rules ~ ")") }}
{%- endmacro %}
