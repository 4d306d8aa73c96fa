{# Money inside the warehouse is whole pico-units (1e-12) in decimal(38,0); marts show
   decimal(38,12). No model divides money but through split_floor. #}

{% macro to_pico(amount) -%}
    {{ adapter.dispatch('to_pico')(amount) }}
{%- endmacro %}

{% macro default__to_pico(amount) -%}
    cast(cast({{ amount }} as decimal(38, 12)) * 1000000000000 as decimal(38, 0))
{%- endmacro %}

{% macro from_pico(pico) -%}
    {{ adapter.dispatch('from_pico')(pico) }}
{%- endmacro %}

{% macro default__from_pico(pico) -%}
    cast(cast({{ pico }} as decimal(38, 0)) * cast(0.000000000001 as decimal(12, 12)) as decimal(38, 12))
{%- endmacro %}

{# floor(amount * weight / total) in whole numbers; amount and weight >= 0, total > 0. Exact for amounts
   and weights up to 1e22 (ten billion dollars): large ones are multiplied in two steps, which 128 bits hold. #}
{% macro split_floor(amount, weight, total) -%}
    {%- set a, w, t = whole(amount), whole(weight), whole(total) -%}
    cast(
        case
            when {{ fits_at_once(amount, weight) }} then {{ quotient(narrow(amount) ~ ' * ' ~ w, t) }}
            else
                {{ quotient(a, t) }} * {{ w }}
                + {{ quotient('(' ~ a ~ ' % ' ~ t ~ ') * ' ~ quotient(w, '100000000000'), t) }} * 100000000000
                + {{ quotient(low_product(a, w, t), t) }}
        end as decimal(38, 0)
    )
{%- endmacro %}

{# what split_floor left over, in units of 1 / total: ranks the largest remainder #}
{% macro split_remainder(amount, weight, total) -%}
    {%- set a, w, t = whole(amount), whole(weight), whole(total) -%}
    cast(
        case
            when {{ fits_at_once(amount, weight) }} then {{ narrow(amount) }} * {{ w }} % {{ t }}
            else {{ low_product(a, w, t) }} % {{ t }}
        end as decimal(38, 0)
    )
{%- endmacro %}

{# A number as the whole number that products of money are made of. #}
{% macro whole(number) -%}
    {{ adapter.dispatch('whole')(number) }}
{%- endmacro %}

{# One such by another, rounded down; both are positive, or the first is 0. #}
{% macro quotient(number, by) -%}
    {{ adapter.dispatch('quotient')(number, by) }}
{%- endmacro %}

{% macro fits_at_once(amount, weight) -%}
    {{ amount }} between -999999999999999999 and 999999999999999999 and {{ weight }} <= 1000000000000000000
{%- endmacro %}

{# A number of at most 18 digits as such a whole number: a wide decimal becomes one by a division of 128 bits. #}
{% macro narrow(number) -%}
    {{ whole('cast(' ~ number ~ ' as decimal(18, 0))') }}
{%- endmacro %}

{# (amount mod total) * weight, less what its upper digits have of whole totals #}
{% macro low_product(a, w, t) -%}
    (
        (({{ a }} % {{ t }}) * {{ quotient(w, '100000000000') }} % {{ t }}) * 100000000000
        + ({{ a }} % {{ t }}) * ({{ w }} % 100000000000)
    )
{%- endmacro %}

{# The same of numbers that a bigint holds. #}
{% macro small_quotient(number, by) -%}
    {{ adapter.dispatch('small_quotient')(number, by) }}
{%- endmacro %}

{# A price per million times a quantity, rounded half up to the pico-unit. Small products, nearly all, are
   multiplied as bigint: half the time of a division of larger ones. A narrow decimal becomes one at once, a wide one
   by a division of 128 bits. #}
{% macro cost_pico(quantity, pico_per_million) -%}
    case
        when
            {{ quantity }} between 0 and 1000000
            and {{ pico_per_million }} between 0 and 9000000000000
            then cast(
                {{ small_quotient(
                    'cast(' ~ quantity ~ ' as bigint) * cast(cast(' ~ pico_per_million ~ ' as decimal(18, 0)) as bigint) + 500000',
                    '1000000'
                ) }} as decimal(38, 0)
            )
        else cast(
            {{ quotient(whole(quantity) ~ ' * ' ~ whole(pico_per_million) ~ ' + 500000', '1000000') }} as decimal(38, 0)
        )
    end
{%- endmacro %}

{# Splits `amount` over the rows of a group by `weight`, to the last unit: floors, then one unit
   each to the largest remainders; ties by `tie_break`, a column or a list of them. Weights of a group
   sum to `total`. The sign is the amount's. Result: every column of `relation` and `into`. #}
{% macro split_exactly(relation, amount, weight, total, within, tie_break, into) -%}
    select
        {{ all_but('floor_share, share_remainder, remainder_rank, leftover', of='ranked') }},
        cast(
            case when {{ amount }} < 0 then -1 else 1 end
            * (floor_share + case when remainder_rank <= leftover then 1 else 0 end)
            as decimal(38, 0)
        ) as {{ into }}
    from (
        select
            floored.*,
            row_number() over (
                partition by {{ within }}
                order by
                    share_remainder desc nulls last
                    {%- for key in ([tie_break] if tie_break is string else tie_break) %},
                    {{ key }} nulls last
                    {%- endfor %}
            ) as remainder_rank,
            abs({{ amount }}) - sum(floor_share) over (partition by {{ within }}) as leftover
        from (
            select
                unsplit.*,
                {{ split_floor('abs(' ~ amount ~ ')', weight, total) }} as floor_share,
                {{ split_remainder('abs(' ~ amount ~ ')', weight, total) }} as share_remainder
            from {{ relation }} as unsplit
        ) as floored
    ) as ranked
{%- endmacro %}

{# What the shares of `split_exactly` sum to, from the sum and number of a group's floors: one unit more each, as far
   as the amount goes. #}
{% macro sum_of_split(amount, floors, shares) -%}
    case when {{ amount }} < 0 then -1 else 1 end
    * ({{ floors }} + greatest(least(abs({{ amount }}) - {{ floors }}, {{ shares }}), 0))
{%- endmacro %}
