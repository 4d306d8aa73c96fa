{# Days of start whose records are not decided as they are now: the oldest, as many as have
   `records_to_decide` records together, and at least one. `seen.decided_days` says which are decided, and is told
   last: a run that is killed decides them again. #}
{% macro undecided_days() -%}
    select
        source,
        start_day,
        start_hash,
        upper_rank
    from (
        select
            start_days.*,
            sum(start_days.landed) over (
                order by start_days.start_day nulls last, start_days.source nulls last
            ) as landed_so_far
        from {{ ref('int_start_days') }} as start_days
        left join {{ source('seen', 'decided_days') }} as decided_days
            on
                start_days.source = decided_days.source
                and start_days.start_day = decided_days.start_day
                and start_days.start_hash = decided_days.start_hash
        where decided_days.source is null
    ) as undecided
    where
        landed_so_far <= {{ var('records_to_decide') }}
        or landed_so_far = landed
{%- endmacro %}

{# As a pre-hook of a table by source and day of start: its rows of days that are undecided or gone. #}
{% macro forget_undecided_days() -%}
    {%- if is_incremental() %}
    delete from {{ this }} as decided
    where
        not exists (
            select 1
            from {{ ref('int_start_days') }} as start_days
            inner join {{ source('seen', 'decided_days') }} as decided_days
                on
                    start_days.source = decided_days.source
                    and start_days.start_day = decided_days.start_day
                    and start_days.start_hash = decided_days.start_hash
            where decided.source = start_days.source and decided.start_day = start_days.start_day
        )
    {%- endif %}
{%- endmacro %}

{# As the post-hook of the last of these tables. #}
{% macro note_decided_days() -%}
    insert into {{ source('seen', 'decided_days') }}
    select source, start_day, start_hash from ({{ undecided_days() }}) as decided;
    delete from {{ source('seen', 'decided_days') }}
    where
        concat_ws('|', start_day, start_hash, source) not in (
            select concat_ws('|', start_day, start_hash, source)
            from {{ ref('int_start_days') }}
        )
{%- endmacro %}

{# Files of the undecided days, of the seconds beside them and of the batches that they have a look at. #}
{% macro open_undecided_days() -%}
    {{ open_landed_files('requests_to_decide', _files_of_undecided_days()) }}
{%- endmacro %}

{% macro _files_of_undecided_days() -%}
    with undecided as (
        {{ undecided_days() }}
    ),

    batches as (
        select distinct request_days.source, request_days.batch_key
        from {{ source('seen', 'request_days') }} as request_days
        inner join undecided
            on request_days.source = undecided.source and request_days.start_day = undecided.start_day
        where request_days.batch_key is not null
    )

    select distinct request_days.file
    from {{ source('seen', 'request_days') }} as request_days
    where
        exists (
            select 1 from undecided
            where request_days.source = undecided.source and request_days.start_day = undecided.start_day
        )
        or exists (
            select 1 from undecided
            where
                request_days.source = undecided.source
                and undecided.upper_rank is not null
                and (
                    (request_days.start_day = cast(undecided.start_day - interval 1 day as date) and request_days.last_hash is not null)
                    or (request_days.start_day = cast(undecided.start_day + interval 1 day as date) and request_days.first_hash is not null)
                )
        )
        or exists (
            select 1 from batches
            where request_days.source = batches.source and request_days.batch_key = batches.batch_key
        )
{%- endmacro %}
