{# One usage that several records tell, some of them in more parts: docs/decisions.md, 109. #}

{# Columns of a usage that another telling of it may split finer. #}
{% macro said_of_splits() -%}
    {%- set columns = [] -%}
    {%- for meter in sides_of_usage()['input'] + sides_of_usage()['output'] %}{% do columns.append(meter ~ '_quantity') %}{% endfor -%}
    {{ return(columns + ['reasoning_tokens', 'cache_ttl_assumed'] + counts_of_pieces()) }}
{%- endmacro %}

{# Counts of what is no token, nor made of any: searches, sessions, pages. #}
{% macro counts_of_pieces() -%}
    {%- set columns = [] -%}
    {%- for meter in var('meters') if meter in var('meter_units') and meter not in var('counted_as_tokens') %}
    {%- do columns.append(meter ~ '_quantity') %}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{# What is left of a side where its parts are taken out, then these parts. #}
{% macro sides_of_usage() -%}
    {{ return({
        'input': ['input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'audio_input', 'image_input'],
        'output': ['output', 'audio_output', 'image_output'],
    }) }}
{%- endmacro %}

{# Of `tellings` (standing_key, place_of_usage: 1 is the record whose usage counts, columns of said_of_splits) one row a
   standing_key: the counts of that usage, each side as the one splits it that makes the same of it and names each part as
   large, and one larger; cache writes as the one does that has as many and knows how long they live; pieces of
   which it counts none as the first does that counts some and makes the same sums of both sides. #}
{% macro finer_counts(tellings) -%}
    {%- set parts = {
        'input': ['cache_read_quantity', 'written', 'audio_input_quantity', 'image_input_quantity'],
        'output': ['audio_output_quantity', 'image_output_quantity', 'reasoning_tokens'],
    } -%}
    {%- set compared = ['input_side', 'output_side', 'input_quantity', 'output_quantity'] + parts['input'] + parts['output'] -%}
    with summed as (
        select
            standing_key,
            place_of_usage
            {%- for column in said_of_splits() %},
            {{ "coalesce(" ~ column ~ ", false)" if column == 'cache_ttl_assumed' else "coalesce(" ~ column ~ ", 0)" }} as {{ column }}
            {%- endfor %}
            {%- for side, meters in sides_of_usage().items() %},
            {% for meter in meters -%}
            {{ "+ " if not loop.first }}coalesce({{ meter }}_quantity, 0)
            {% endfor %} as {{ side }}_side
            {%- endfor %},
            coalesce(cache_write_5m_quantity, 0) + coalesce(cache_write_1h_quantity, 0) as written
        from {{ tellings }}
    ),

    beside_the_used as (
        select
            *
            {%- for column in compared %},
            max(case when place_of_usage = 1 then {{ column }} end) over (partition by standing_key) as used_{{ column }}
            {%- endfor %}
        from summed
    ),

    sides as (
        select
            *
            {%- for side in ['input', 'output'] %},
            row_number() over (
                partition by standing_key
                order by
                    case
                        when
                            {{ side }}_side = used_{{ side }}_side
                            {%- for part in parts[side] %}
                            and {{ part }} >= used_{{ part }}
                            {%- endfor %}
                            and (
                                {{ side }}_quantity < used_{{ side }}_quantity
                                {{ 'or reasoning_tokens > used_reasoning_tokens' if side == 'output' }}
                            )
                            then 0
                        when place_of_usage = 1 then 1
                        else 2
                    end nulls last,
                    {{ side }}_quantity nulls last,
                    {{ 'reasoning_tokens desc nulls last,' if side == 'output' }}
                    place_of_usage nulls last
            ) as {{ side }}_place
            {%- endfor %}
        from beside_the_used
    ),

    writes as (
        select
            *,
            max(case when input_place = 1 then written end) over (partition by standing_key) as written_then
        from sides
    ),

    placed as (
        select
            *,
            row_number() over (
                partition by standing_key
                order by
                    case
                        when written <> written_then then 3
                        when cache_ttl_assumed then 2
                        when input_place = 1 then 0
                        else 1
                    end nulls last,
                    cache_write_1h_quantity desc nulls last,
                    place_of_usage nulls last
            ) as writes_place
        from writes
    )

    {%- set is_same = 'input_side = used_input_side and output_side = used_output_side' %}

    select
        standing_key
        {%- for column in counts_of_pieces() %},
        coalesce(min_by({{ column }}, place_of_usage) filter (where {{ column }} > 0 and {{ is_same }}), 0) as {{ column }}
        {%- endfor %}
        {%- for place, columns in {
            'input_place': ['input_quantity', 'cache_read_quantity', 'audio_input_quantity', 'image_input_quantity'],
            'output_place': ['output_quantity', 'audio_output_quantity', 'image_output_quantity', 'reasoning_tokens'],
            'writes_place': ['cache_write_5m_quantity', 'cache_write_1h_quantity', 'cache_ttl_assumed'],
        }.items() %}
        {%- for column in columns %},
        max(case when {{ place }} = 1 then {{ column }} end) as {{ column }}
        {%- endfor %}
        {%- endfor %}
    from placed
    group by standing_key
    having
        max(case when 1 in (input_place, output_place, writes_place) then place_of_usage end) > 1
        {%- for column in counts_of_pieces() %}
        or min(case when {{ column }} > 0 and {{ is_same }} then place_of_usage end) > 1
        {%- endfor %}
{%- endmacro %}

{# Landed requests, those that stand with the counts that another record of theirs in their source splits finer. #}
{% macro requests_split_finer(requests, exceptions) -%}
    (
        select
            {{ all_but(said_of_splits() | join(', '), of='landed') }}
            {%- for column in said_of_splits() %},
            case when finer.stands then finer.{{ column }} else landed.{{ column }} end as {{ column }}
            {%- endfor %}
        from {{ requests }} as landed
        left join (select * from {{ exceptions }} where stands) as finer
            on
                landed.source = finer.source
                and landed.batch = finer.batch
                and landed.object_no = finer.object_no
                and landed.record_no = finer.record_no
                and landed.request_id is not distinct from finer.request_id
    )
{%- endmacro %}
