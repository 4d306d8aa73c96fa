{# Per key the stretches of time in which no row of the relations starts or ends, as a select of the
   key's columns, valid_from and valid_to. The last boundary of a key starts none: its end is NULL. #}
{% macro periods_of(relations, key) -%}
    select
        {{ key | join(', ') }},
        boundary as valid_from,
        lead(boundary) over (partition by {{ key | join(', ') }} order by boundary nulls last) as valid_to
    from (
        {%- for relation in relations %}
        select {{ key | join(', ') }}, valid_from as boundary from {{ relation }}
        union
        select {{ key | join(', ') }}, valid_to from {{ relation }}
        {%- if not loop.last %}
        union
        {%- endif %}
        {%- endfor %}
    ) as boundaries
{%- endmacro %}

{# A row of `relation` is valid throughout a period of `periods`, both per key. #}
{% macro valid_throughout(relation, periods, key) -%}
    {% for column in key %}{{ periods }}.{{ column }} = {{ relation }}.{{ column }} and {% endfor -%}
    {{ relation }}.valid_from <= {{ periods }}.valid_from and {{ periods }}.valid_to <= {{ relation }}.valid_to
{%- endmacro %}

{# Rows of a relation cut so that every instant of a key has the first of them by the keys of
   `order_by`, as a select of all its columns. #}
{% macro first_of_each_period(relation, key, order_by) -%}
    select {{ all_but('period_rank', of='ranked') }}
    from (
        select
            {{ all_but('valid_from, valid_to', of=relation) }},
            periods.valid_from,
            periods.valid_to,
            row_number() over (
                partition by {% for column in key %}periods.{{ column }}, {% endfor %}periods.valid_from
                order by
                    {%- for key in order_by %}
                    {{ key }} nulls last{{ "," if not loop.last }}
                    {%- endfor %}
            ) as period_rank
        from ({{ periods_of([relation], key) }}) as periods
        inner join {{ relation }} on {{ valid_throughout(relation, 'periods', key) }}
    ) as ranked
    where period_rank = 1
{%- endmacro %}
