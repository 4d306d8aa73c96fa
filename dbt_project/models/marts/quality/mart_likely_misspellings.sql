-- One row per owner dimension x owner that reads like another one with ten times its requests: what
-- stands under it, and the line of aliases.csv that folds it. Nothing is folded by itself: whether
-- sales-eu is a slip of sales-us is for its owner to say.
with daily as (
    select * from {{ ref('fct_cost_daily') }}
),

decided as (
    select
        dimension,
        lower(value) as spelling
    from {{ ref('int_spellings') }}
    where said_by in ('aliases', 'teams')
),

owners as (
    {%- for dimension in owner_dimensions() %}
    select
        '{{ dimension }}' as dimension,
        {{ dimension }} as spelling,
        {{ only_of(dimension, '\\p{L}\\p{N}') }} as plain,
        {{ only_of(dimension, '\\p{N}') }} as digits,
        cast(sum(requests) as bigint) as requests,
        sum(billed_cost) as billed_cost,
        {{ known_estimate() }} as estimated_cost,
        cast(coalesce(sum(unpriced_quantity), 0) as bigint) as unpriced_quantity
    from daily
    where {{ dimension }} <> '__unallocated__'
    group by {{ dimension }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- one that aliases.csv or teams.csv means is spelt as it should be
doubtful as (
    select owners.*
    from owners
    left join decided
        on
            owners.dimension = decided.dimension
            and lower(owners.spelling) = decided.spelling
    where decided.spelling is null
),

compared as (
    select
        doubtful.*,
        owners.spelling as likely_owner,
        owners.requests as likely_requests,
        levenshtein(doubtful.plain, owners.plain) as letters_apart
    from doubtful
    inner join owners
        on
            doubtful.dimension = owners.dimension
            and doubtful.spelling <> owners.spelling
            -- v1 and v2 are two, not one misspelt
            and doubtful.digits = owners.digits
            and doubtful.requests * 10 <= owners.requests
),

ranked as (
    select
        *,
        row_number() over (
            partition by dimension, spelling
            order by letters_apart nulls last, likely_requests desc nulls last, likely_owner nulls last
        ) as likely_rank
    from compared
    where
        letters_apart = 0
        or (letters_apart = 1 and length(plain) >= 5)
        or (letters_apart = 2 and length(plain) >= 9)
),

final as (
    select
        dimension,
        spelling,
        likely_owner,
        cast(letters_apart as integer) as letters_apart,
        requests,
        likely_requests,
        billed_cost,
        estimated_cost,
        unpriced_quantity,
        concat_ws(',', dimension, {{ csv_cell('spelling') }}, {{ csv_cell('likely_owner') }})
            as aliases_line
    from ranked
    where likely_rank = 1
)

select * from final
