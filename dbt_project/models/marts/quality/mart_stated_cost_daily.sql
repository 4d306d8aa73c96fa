-- One row per usage date x provider x model of requests whose provider states what they cost: that beside their
-- contracted cost. The difference is what the price book does not know.
with cell_meters as (
    select * from {{ ref('int_cell_meters') }}
    where stated_cost_pico is not null
),

cells as (
    select cell_id, usage_date, provider, model from {{ ref('int_cells') }}
),

summed as (
    select
        cells.usage_date,
        cells.provider,
        cells.model,
        sum(cell_meters.stated_cost_pico) as stated_pico,
        sum(case when cell_meters.stated_contracted_pico is null then cell_meters.stated_cost_pico else 0 end)
            as unpriced_pico,
        sum(cell_meters.stated_contracted_pico) as contracted_pico
    from cell_meters
    inner join cells on cell_meters.cell_id = cells.cell_id and cell_meters.usage_date = cells.usage_date
    group by cells.usage_date, cells.provider, cells.model
),

final as (
    select
        usage_date,
        provider,
        model,
        {{ from_pico('stated_pico') }} as stated_cost,
        {{ from_pico('contracted_pico') }} as contracted_cost,
        {{ from_pico('stated_pico - unpriced_pico - coalesce(contracted_pico, 0)') }} as drift,
        {{ from_pico('unpriced_pico') }} as unpriced_stated_cost
    from summed
)

select * from final
