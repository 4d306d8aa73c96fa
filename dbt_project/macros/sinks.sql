{# Which landed records are one request: decided by ids and start, never by arrival. #}

{# Equal for the records of one request in one sink: of equal ids and start. A record without ids is told
   by the bytes of its object and its place there, an inner call of it by its number. LiteLLM logs the whole
   cost of a finished batch at every look at it, each a call of its own: these are one, whenever and wherever
   they are logged. #}
{% macro record_key() -%}
    case
        when landed.request_key like 'litellm:batch:%' then {{ key_of(['landed.source', 'landed.request_key']) }}
        when {{ has_made_id('landed') }}
            then {{ key_of([
                'landed.source', 'landed.evidence_rank', 'objects.hash', 'landed.record_no',
                "split_part(landed.request_id, '#', 2)", 'landed.started_at',
            ]) }}
        else {{ key_of([
            'landed.source', 'landed.evidence_rank', 'landed.request_id', 'landed.call_id', 'landed.attempt_no',
            'landed.started_at',
        ]) }}
    end
{%- endmacro %}

{# A log gave the record no id. LiteLLM's that landed before this was noted say it by the id made. #}
{% macro has_made_id(record) -%}
    coalesce(
        {{ record }}.request_id_made,
        {{ record }}.request_id like 'content-%' and length({{ record }}.request_id) = 40
    )
{%- endmacro %}

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
