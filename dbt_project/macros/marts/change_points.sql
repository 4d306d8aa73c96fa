{# Days on which a whole number of a series lastingly changes: docs/decisions.md, 128. `relation` has `series`, `usage_date`
   and `value`, one row each; what comes out are such days with the medians of the week before and of the week that
   begins with them. A change shows on the days beside it, too: of days in a row the one counts across which the means differ most. #}
{% macro change_points(relation, series, value) -%}
    with weeks as (
        select
            days.{{ series }},
            days.usage_date,
            near.usage_date < days.usage_date as is_before,
            near.{{ value }} as near_value
        from {{ relation }} as days
        inner join {{ relation }} as near
            on
                days.{{ series }} = near.{{ series }}
                and near.usage_date >= days.usage_date - interval 7 day
                and near.usage_date < days.usage_date + interval 7 day
    ),

    medians as (
        select
            {{ series }},
            usage_date,
            count(*) filter (where is_before) as days_before,
            count(*) filter (where not is_before) as days_after,
            {{ value_at('0.5', 'case when is_before then near_value end') }} as median_before,
            {{ value_at('0.5', 'case when not is_before then near_value end') }} as median_after,
            sum(near_value) filter (where is_before) as sum_before,
            sum(near_value) filter (where not is_before) as sum_after
        from weeks
        group by {{ series }}, usage_date
    ),

    spreads as (
        select
            weeks.{{ series }},
            weeks.usage_date,
            {{ value_at('0.5', 'abs(weeks.near_value - medians.median_before)') }} as spread
        from weeks
        inner join medians
            on weeks.{{ series }} = medians.{{ series }} and weeks.usage_date = medians.usage_date
        where weeks.is_before
        group by weeks.{{ series }}, weeks.usage_date
    ),

    changed as (
        select
            medians.{{ series }},
            medians.usage_date,
            medians.median_before,
            medians.median_after,
            abs(
                {{ split_floor('medians.sum_after', '1', 'medians.days_after') }}
                - {{ split_floor('medians.sum_before', '1', 'medians.days_before') }}
            ) as step,
            medians.usage_date - cast(row_number() over (
                partition by medians.{{ series }} order by medians.usage_date nulls last
            ) as integer) as days_in_a_row
        from medians
        inner join spreads
            on medians.{{ series }} = spreads.{{ series }} and medians.usage_date = spreads.usage_date
        where
            medians.days_before >= 3
            and medians.days_after >= 3
            and abs(medians.median_after - medians.median_before) * 10 > medians.median_before
            and abs(medians.median_after - medians.median_before) > 3 * spreads.spread
    ),

    placed as (
        select
            *,
            row_number() over (
                partition by {{ series }}, days_in_a_row order by step desc nulls last, usage_date nulls last
            ) as place
        from changed
    )

    select
        {{ series }},
        usage_date,
        median_before,
        median_after
    from placed
    where place = 1
{%- endmacro %}
