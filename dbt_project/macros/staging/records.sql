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
                "split_part(landed.request_id, '#', 2)", instant_text('landed.started_at'),
            ], numbers=['landed.evidence_rank', 'landed.record_no', instant_text('landed.started_at')]) }}
        else {{ key_of([
            'landed.source', 'landed.evidence_rank', 'landed.request_id', 'landed.call_id', 'landed.attempt_no',
            instant_text('landed.started_at'),
        ], numbers=['landed.evidence_rank', 'landed.attempt_no', instant_text('landed.started_at')]) }}
    end
{%- endmacro %}

{# A log gave the record no id. LiteLLM's that landed before this was noted say it by the id made. #}
{% macro has_made_id(record) -%}
    coalesce(
        {{ record }}.request_id_made,
        {{ record }}.request_id like 'content-%' and length({{ record }}.request_id) = 40
    )
{%- endmacro %}

{# What tells a landed record, its key and what it says, from every other, without making the key: the content
   has the other columns of it. #}
{% macro record_text(record) -%}
    concat_ws(
        '|',
        {{ record }}.source,
        {{ record }}.content_hash,
        {{ record }}.evidence_rank,
        case when {{ has_made_id(record) }} then concat_ws('|', {{ record }}.object_hash, {{ record }}.record_no) else '~' end,
        coalesce(length({{ record }}.request_id), -1),
        coalesce({{ record }}.request_id, '~'),
        case when {{ record }}.request_key like 'litellm:batch:%' then {{ record }}.request_key end
    )
{%- endmacro %}
