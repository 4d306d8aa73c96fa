{# CTEs of int_corrections that say what became of the usage of closed months: usage_changes, a row per usage (hour, key, model,
   meter …) that is not what it was; charge_usage, per charge that has or had some; charge_rates, per charge that only got
   usage: whether that explains the whole move. It does where a unit of usage costs each cell that was there what it did,
   or, of a charge that is full, less by one factor. #}
{% macro usage_changes_of_charges() -%}
{%- set usage = ['usage_hour', 'provider', 'billing_account', 'sub_account', 'credential_id', 'model', 'meter',
    'service_tier', 'context_band', 'region'] %}
-- what was logged then and is logged now, by what it is of and whose it is
usage_then as (
    select
        billing_month,
        cell_id,
        meter,
        {{ key_of(usage) }} as usage_key,
        {{ key_of(owner_dimensions()) }} as owner_key,
        quantity as quantity_then,
        0 as quantity_now
    from closed_cells
),

usage_now as (
    select
        closed_months.billing_month,
        cells.cell_id,
        cell_meters.meter,
        {{ key_of(usage) }} as usage_key,
        {{ key_of(owner_dimensions()) }} as owner_key,
        0 as quantity_then,
        cell_meters.quantity as quantity_now
    from cells
    inner join cell_meters on cells.cell_id = cell_meters.cell_id and cells.usage_date = cell_meters.usage_date
    inner join closed_months
        on
            cells.usage_date >= closed_months.cells_from
            and cells.usage_date < closed_months.cells_until
),

usages as (
    select * from usage_then
    union all
    select * from usage_now
),

usage_by_owner as (
    select
        billing_month,
        usage_key,
        owner_key,
        sum(quantity_now) - sum(quantity_then) as difference
    from usages
    group by billing_month, usage_key, owner_key
),

usage_changes as (
    select
        billing_month,
        usage_key,
        bool_or(difference < 0) and bool_or(difference > 0) as has_moved
    from usage_by_owner
    group by billing_month, usage_key
    having bool_or(difference <> 0)
),

-- the changed usage that a charge has now or had then
charge_usage as (
    select
        both_sides.billing_month,
        both_sides.provider,
        both_sides.billing_account,
        both_sides.charge_id,
        bool_or(usage_changes.has_moved) as has_moved
    from both_sides
    inner join (select distinct billing_month, cell_id, usage_key from usages) as cell_usage
        on both_sides.billing_month = cell_usage.billing_month and both_sides.cell_id = cell_usage.cell_id
    inner join usage_changes
        on
            cell_usage.billing_month = usage_changes.billing_month
            and cell_usage.usage_key = usage_changes.usage_key
    group by both_sides.billing_month, both_sides.provider, both_sides.billing_account, both_sides.charge_id
),

usage_by_cell as (
    select
        billing_month,
        cell_id,
        meter,
        sum(quantity_then) as quantity_then,
        sum(quantity_now) as quantity_now
    from usages
    group by billing_month, cell_id, meter
    having sum(quantity_then) > 0
),

-- what a cell had of a charge that got usage, and has
cell_shares as (
    select
        both_sides.billing_month,
        both_sides.provider,
        both_sides.billing_account,
        both_sides.charge_id,
        both_sides.cell_id,
        max(both_sides.meter) as meter,
        sum(both_sides.quantity) as explained,
        abs(sum(both_sides.known_pico)) as known_pico,
        abs(sum(both_sides.booked_pico)) as booked_pico
    from both_sides
    inner join charge_usage
        on
            both_sides.billing_month = charge_usage.billing_month
            and both_sides.provider = charge_usage.provider
            and both_sides.billing_account = charge_usage.billing_account
            and both_sides.charge_id = charge_usage.charge_id
    where both_sides.cell_id is not null and not charge_usage.has_moved
    group by
        both_sides.billing_month, both_sides.provider, both_sides.billing_account, both_sides.charge_id,
        both_sides.cell_id, both_sides.allocation_id
    having sum(both_sides.booked_pico) <> 0
),

-- what was booked, and what it were for the usage of now
by_usage as (
    select
        cell_shares.*,
        case
            when usage_by_cell.cell_id is null then cell_shares.booked_pico
            else
                {{ split_floor(
                    'cell_shares.booked_pico', 'usage_by_cell.quantity_now', 'usage_by_cell.quantity_then'
                ) }}
        end as usage_pico
    from cell_shares
    left join usage_by_cell
        on
            cell_shares.billing_month = usage_by_cell.billing_month
            and cell_shares.cell_id = usage_by_cell.cell_id
            and cell_shares.meter = usage_by_cell.meter
),

cells_of_charges as (
    select
        *,
        sum(known_pico) over charge as cells_known_pico,
        sum(usage_pico) over charge as cells_usage_pico,
        -- two units, which matching takes whole, and what splitting in turns rounds
        {{ quotient('2 * sum(known_pico) over charge', 'greatest(sum(explained) over charge, 1)') }} + 1000000
            as rounding_pico
    from by_usage
    window charge as (partition by billing_month, provider, billing_account, charge_id)
),

-- a charge that has money left which no usage explains takes nothing from cells
left_over as (
    select
        billing_month,
        provider,
        billing_account,
        charge_id
    from both_sides
    where component = 'residual'
    group by billing_month, provider, billing_account, charge_id
    having sum(known_pico) <> 0
),

charge_rates as (
    select
        cells.billing_month,
        cells.provider,
        cells.billing_account,
        cells.charge_id,
        bool_and(
            abs(
                cells.known_pico
                - case
                    when left_over.charge_id is not null then cells.usage_pico
                    else {{ split_floor('cells.usage_pico', 'cells.cells_known_pico', 'cells.cells_usage_pico') }}
                end
            ) <= cells.rounding_pico
        ) as are_as_before
    from cells_of_charges as cells
    left join left_over
        on
            cells.billing_month = left_over.billing_month
            and cells.provider = left_over.provider
            and cells.billing_account = left_over.billing_account
            and cells.charge_id = left_over.charge_id
    where cells.cells_usage_pico <> 0
    group by cells.billing_month, cells.provider, cells.billing_account, cells.charge_id
)
{%- endmacro %}
