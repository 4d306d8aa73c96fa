{# The rows of `candidates` (upper_key, lower_key, pair_rank: the smaller the better, no two equal) that
   are taken when the best pair goes first, then the best of those left, and each key is used once. A pair
   that is the best of both its keys is taken by that rule, so all such are taken at once, round by round. #}
{% macro best_pairs(candidates) -%}
    {{ adapter.dispatch('best_pairs')(candidates) }}
{%- endmacro %}

{% macro default__best_pairs(candidates) -%}
    with recursive rounds as (
        select
            upper_key,
            lower_key,
            pair_rank,
            false as is_taken
        from {{ candidates }}
        union all
        select
            upper_key,
            lower_key,
            pair_rank,
            is_taken
        from (
            select
                *,
                max(cast(is_taken as integer)) over (partition by upper_key) as upper_taken,
                max(cast(is_taken as integer)) over (partition by lower_key) as lower_taken
            from (
                select
                    upper_key,
                    lower_key,
                    pair_rank,
                    pair_rank = min(pair_rank) over (partition by upper_key)
                    and pair_rank = min(pair_rank) over (partition by lower_key) as is_taken
                from rounds
                where not is_taken
            ) as left_over
        ) as looked_at
        where is_taken or (upper_taken = 0 and lower_taken = 0)
    )

    select
        upper_key,
        lower_key
    from rounds
    where is_taken
{%- endmacro %}

{# True where no other record stands for this one of its source. Inner calls of one record are requests of their
   own. #}
{% macro stands(requests, exceptions) -%}
    not exists (
            select 1
            from {{ exceptions }} as exceptions
            where
                {{ requests }}.source = exceptions.source
                and {{ requests }}.batch = exceptions.batch
                and {{ requests }}.object_no = exceptions.object_no
                and {{ requests }}.record_no = exceptions.record_no
                and {{ requests }}.request_id is not distinct from exceptions.request_id
                and exceptions.stands is not true
        )
{%- endmacro %}
