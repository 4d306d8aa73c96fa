-- One row per record that could not be read: where it stands, why, and what mends it; nothing of its text. Up
-- to a bound an object, then one row that counts the rest.
with quarantine as (
    select * from {{ ref('stg_landing__quarantine') }}
),

final as (
    select
        source,
        kind,
        object,
        record_no as record,
        "offset",
        length,
        field,
        reason,
        value,
        option,
        extent,
        records,
        first_day,
        last_day
    from quarantine
)

select * from final
