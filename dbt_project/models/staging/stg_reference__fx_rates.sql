-- What one unit of a currency is in the reporting currency, by date.
with fx_rates as (
    select * from {{ source('landing', 'fx_rates') }}
),

final as (
    select
        from_currency || '/' || to_currency || '/' || "date" as fx_rate_id,
        "date" as rated_on,
        from_currency,
        {{ to_pico('rate') }} as rate_pico,
        source
    from fx_rates
)

select * from final
