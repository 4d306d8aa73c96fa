-- One row per caller (a key), field and value by which the caller's requests fall into several
-- workloads: values that meet in sessions are one workload, values that never do are two. Callers
-- that are one workload have no row.
{%- set splits = proposal_splits() %}
with unowned as (
    select * from {{ ref('int_unowned_daily') }}
    where dimension = 'feature' and caller is not null and is_first_choice
),

sessions as (
    select * from {{ ref('int_sessions_daily') }}
),

valued as (
    {%- for field in splits %}
    select
        caller,
        {{ loop.index }} as field_no,
        '{{ field }}' as field,
        split_{{ field }} as value,
        cost_pico
    from unowned
    where split_{{ field }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

valued_sessions as (
    {%- for field in splits %}
    select
        caller,
        {{ loop.index }} as field_no,
        split_{{ field }} as value,
        session_id,
        requests
    from sessions
    where split_{{ field }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

worths as (
    select
        caller,
        field_no,
        field,
        value,
        sum(cost_pico) as cost_pico,
        sum(sum(cost_pico)) over (partition by caller, field_no) as caller_pico,
        count(*) over (partition by caller, field_no) as caller_values
    from valued
    group by caller, field_no, field, value
),

-- a session of one request says nothing of what belongs together
session_sizes as (
    select
        caller,
        field_no,
        session_id
    from valued_sessions
    group by caller, field_no, session_id
    having sum(requests) > 1
),

session_values as (
    select distinct
        valued_sessions.caller,
        valued_sessions.field_no,
        valued_sessions.session_id,
        valued_sessions.value
    from valued_sessions
    inner join session_sizes
        on
            valued_sessions.caller = session_sizes.caller
            and valued_sessions.field_no = session_sizes.field_no
            and valued_sessions.session_id = session_sizes.session_id
),

value_sessions as (
    select
        caller,
        field_no,
        value,
        count(*) as sessions
    from session_values
    group by caller, field_no, value
),

shared_sessions as (
    select
        one.caller,
        one.field_no,
        one.value,
        other.value as other_value,
        count(*) as sessions
    from session_values as one
    inner join session_values as other
        on
            one.caller = other.caller
            and one.field_no = other.field_no
            and one.session_id = other.session_id
            and one.value <> other.value
    group by one.caller, one.field_no, one.value, other.value
),

-- a fallback now and then does not make two workloads one: a fifth of the rarer one's sessions does
links as (
    select
        shared_sessions.caller,
        shared_sessions.field_no,
        shared_sessions.value,
        shared_sessions.other_value
    from shared_sessions
    inner join value_sessions as one
        on
            shared_sessions.caller = one.caller
            and shared_sessions.field_no = one.field_no
            and shared_sessions.value = one.value
    inner join value_sessions as other
        on
            shared_sessions.caller = other.caller
            and shared_sessions.field_no = other.field_no
            and shared_sessions.other_value = other.value
    where shared_sessions.sessions * 5 >= least(one.sessions, other.sessions)
    union all
    select
        caller,
        field_no,
        value,
        value as other_value
    from worths
),

-- a value goes with the dearest that it meets
ranked_links as (
    select
        links.*,
        row_number() over (
            partition by links.caller, links.field_no, links.value
            order by other.cost_pico desc nulls last, links.other_value nulls last
        ) as link_rank
    from links
    inner join worths as other
        on
            links.caller = other.caller
            and links.field_no = other.field_no
            and links.other_value = other.value
),

workloads as (
    select
        caller,
        field_no,
        value,
        other_value as workload
    from ranked_links
    where link_rank = 1
),

-- only values with a fiftieth of the caller's cost make it several
several as (
    select
        workloads.caller,
        workloads.field_no,
        count(distinct workloads.workload) as workloads
    from workloads
    inner join worths
        on
            workloads.caller = worths.caller
            and workloads.field_no = worths.field_no
            and workloads.value = worths.value
    where worths.cost_pico * 50 >= worths.caller_pico and worths.caller_values <= 20
    group by workloads.caller, workloads.field_no
    having count(distinct workloads.workload) > 1
),

first_field as (
    select
        caller,
        min(field_no) as field_no
    from several
    group by caller
),

final as (
    select
        worths.caller,
        worths.field,
        worths.value,
        workloads.workload,
        several.workloads
    from first_field
    inner join several
        on first_field.caller = several.caller and first_field.field_no = several.field_no
    inner join workloads
        on first_field.caller = workloads.caller and first_field.field_no = workloads.field_no
    inner join worths
        on
            workloads.caller = worths.caller
            and workloads.field_no = worths.field_no
            and workloads.value = worths.value
)

select * from final
