-- One row per billing month with the hash of everything that decides its allocations: its charges, invoices and
-- days of usage, the charges and days beside it, the reference rows in force, and the rules themselves. Months that
-- cannot be told apart have one hash of all they read together: tokens billed for more than a day, or without a
-- quantity, whose hours are another month's, what is billed in another month, a reversal of another month's charge.
{%- set long_ago, some_day = "timestamp '0001-01-01'", "timestamp '9999-12-31'" %}
with recursive charges as (
    select * from {{ ref('int_charges') }}
),

parts as (
    select * from {{ ref('int_charge_parts') }}
),

cell_days as (
    select distinct usage_date, day_hash
    from {{ ref('int_cells') }}
),

payments as (
    select
        *,
        {{ each_month('charge_period_start', 'charge_period_end') }} as paid_month
    from {{ ref('int_commitment_charges') }}
),

months_with_money as (
    select billing_month from charges
    union
    select {{ first_of_month('usage_date') }} as billing_month
    from {{ ref('int_cell_meters') }}
    where quantity > 0
),

-- a payment's share of a month comes when a month with money has come
months as (
    select
        billing_month,
        billing_month <= (select max(billing_month) from months_with_money) as has_begun
    from (
        select billing_month from months_with_money
        union
        select {{ first_of_month('usage_date') }} from cell_days
        union
        select paid_month from payments
    ) as all_months
),

charges_read as (
    select
        months.billing_month,
        {{ hash_of_rows(key_of([
            'charges.charge_id', 'charges.source', 'charges.provider', 'charges.billing_account', 'charges.sub_account',
            'charges.credential_id', 'charges.model', 'charges.meter', 'charges.service_tier', 'charges.context_band',
            'charges.region', 'charges.charge_period_start', 'charges.charge_period_end', 'charges.billing_month',
            'charges.charge_category', 'charges.charge_kind', 'charges.consumed_quantity', 'charges.consumed_unit',
            'charges.billed_pico', 'charges.billed_currency_pico', 'charges.billing_currency', 'charges.fx_rate_id',
        ])) }} as rows_hash
    from months
    inner join charges on {{ is_read_by_month('charges', 'months.billing_month') }}
    group by months.billing_month
),

parts_read as (
    select
        months.billing_month,
        {{ hash_of_rows(key_of([
            'parts.part_id', 'parts.charge_id', 'parts.credential_id', 'parts.quantity', 'parts.part_pico',
            'parts.followed_part_id', 'parts.has_other_tiers', 'parts.says_speed', 'parts.is_banded',
        ])) }} as rows_hash
    from months
    inner join parts on {{ is_read_by_month('parts', 'months.billing_month') }}
    group by months.billing_month
),

days_read as (
    select
        months.billing_month,
        {{ hash_of_rows("concat_ws('|', cell_days.usage_date, cell_days.day_hash)") }} as rows_hash
    from months
    inner join cell_days
        on
            months.billing_month - interval 1 day <= cell_days.usage_date
            and cell_days.usage_date < months.billing_month + interval 1 month + interval 1 day
    group by months.billing_month
),

-- what a month reads by the month, or by a charge of it
rows_by_month as (
    select
        parts.billing_month,
        {{ key_of(["'reversal'", 'reversals.part_id', 'reversals.original_part_id']) }} as row_hash
    from {{ ref('int_reversals') }} as reversals
    inner join parts on reversals.part_id = parts.part_id
    union all
    select
        charges.billing_month,
        {{ key_of([
            "'capacity'", 'shares.charge_id', 'shares.cell_id', 'shares.cell_meter', 'shares.billed_pico',
        ]) }}
    from {{ ref('int_capacity_shares') }} as shares
    inner join charges on shares.charge_id = charges.charge_id
    union all
    select billing_month, {{ key_of(["'pool'", 'charge_id', 'owner_team']) }}
    from {{ ref('int_capacity_charges') }}
    union all
    select billing_month, {{ key_of(["'invoice'", 'provider', 'billing_account', 'invoice_id', 'is_of_balance_alone']) }}
    from {{ ref('int_invoices') }}
    union all
    select paid_month, {{ key_of(["'payment'", 'charge_id', 'commitment_id', 'owner_team']) }}
    from payments
    union all
    select billing_month, {{ key_of(["'paid'", 'charge_id', 'commitment_id', 'owner_team']) }}
    from {{ ref('int_commitment_charges') }}
    union all
    select
        billing_month,
        {{ key_of([
            "'seats'", 'charge_id', 'product', 'seat_plan', 'owner_team', 'residual_cause', 'listed_pico', 'billing_currency',
            'is_on_bill',
        ]) }}
    from {{ ref('int_seat_charges') }}
    union all
    select months.billing_month, {{ key_of(["'begun'", 'months.has_begun']) }}
    from months
),

reference_rows as (
    select valid_from, valid_to, {{ key_of(["'spelling'", 'dimension', 'spelling', 'value']) }} as row_hash
    from {{ ref('int_spellings') }}
    -- a name in lower case is what it would be anyway
    where value <> spelling
    union all
    select
        valid_from,
        valid_to,
        {{ key_of(["'credential'", 'source', 'credential_id'] + var('credential_owners') | list) }}
    from {{ source('landing', 'credentials') }}
    union all
    select
        valid_from,
        valid_to,
        {{ key_of(["'deployment'", 'gateway', 'deployment_id', 'provider_credential_id', 'sub_account']) }}
    from {{ source('landing', 'deployments') }}
    union all
    select {{ long_ago }}, {{ some_day }}, {{ key_of(["'source'", 'source', 'kind', 'credential_globs']) }}
    from {{ source('landing', 'sources') }}
    union all
    select
        {{ long_ago }},
        {{ some_day }},
        {{ key_of([
            "'commitment'", 'line', 'commitment_id', 'provider', 'kind', 'committed_amount', 'period',
            'discount_percent', 'overage_percent', 'owner', 'valid_from', 'valid_to',
        ]) }}
    from {{ source('landing', 'commitments') }}
    union all
    select {{ long_ago }}, {{ some_day }}, {{ key_of(["'scope'", 'line', 'field', 'pattern']) }}
    from {{ source('landing', 'commitment_conditions') }}
    union all
    select {{ long_ago }}, {{ some_day }}, {{ key_of(["'since'", 'since']) }}
    from {{ ref('int_since') }}
),

-- of a row's validity only what the month and the days beside it can see
reference_read as (
    select
        months.billing_month,
        {{ hash_of_rows(key_of([
            'rows_in_force.row_hash',
            'greatest(rows_in_force.valid_from, months.billing_month - interval 2 day)',
            'least(rows_in_force.valid_to, months.billing_month + interval 1 month + interval 2 day)',
        ])) }} as rows_hash
    from months
    inner join reference_rows as rows_in_force
        on
            rows_in_force.valid_from < months.billing_month + interval 1 month + interval 2 day
            and months.billing_month - interval 2 day < rows_in_force.valid_to
    group by months.billing_month
),

read as (
    select billing_month, 'charges' as kind, rows_hash from charges_read
    union all
    select billing_month, 'parts', rows_hash from parts_read
    union all
    select billing_month, 'days', rows_hash from days_read
    union all
    select billing_month, 'reference', rows_hash from reference_read
    union all
    select billing_month, 'by month', {{ hash_of_rows('row_hash') }}
    from rows_by_month
    group by billing_month
),

month_hashes as (
    select
        billing_month,
        {{ hash_of_rows("concat_ws('|', billing_month, kind, rows_hash)") }} as rows_hash
    from read
    group by billing_month
),

links as (
    select parts.billing_month, months.billing_month as other_month
    from parts
    inner join months
        on
            parts.billing_month <> months.billing_month
            and parts.charge_period_start < {{ month_end('months.billing_month') }}
            and months.billing_month < parts.charge_period_end
    where
        ({{ is_metered('parts') }} and (parts.quantity is null or {{ is_longer_than_a_day('parts') }}))
        -- who owns its key is asked on all of its days
        or (
            {{ is_longer_than_a_day('parts') }}
            and parts.charge_period_start < {{ month_end('months.billing_month') }} - interval 24 hour
            and months.billing_month + interval 24 hour < parts.charge_period_end
        )
    union
    select
        billing_month,
        {{ first_of_month(billed_date('charge_period_start', 'charge_period_end')) }} as other_month
    from parts
    where billing_month <> {{ first_of_month(billed_date('charge_period_start', 'charge_period_end')) }}
    union
    select reversing.billing_month, reversed.billing_month
    from {{ ref('int_reversals') }} as reversals
    inner join parts as reversing on reversals.part_id = reversing.part_id
    inner join parts as reversed on reversals.original_part_id = reversed.part_id
),

both_ways as (
    select billing_month, other_month from links
    union
    select other_month, billing_month from links
    union
    select billing_month, billing_month from months
),

-- whatever is linked with a linked month is linked
together as (
    select billing_month, other_month from both_ways
    union
    select together.billing_month, both_ways.other_month
    from together
    inner join both_ways on together.other_month = both_ways.billing_month
),

final as (
    select
        together.billing_month,
        {{ key_of([
            "'" ~ var('month_rules_version') ~ "'", "'" ~ var('currency') ~ "'",
            hash_of_rows("concat_ws('|', month_hashes.billing_month, month_hashes.rows_hash)"),
        ]) }} as month_hash
    from together
    left join month_hashes on together.other_month = month_hashes.billing_month
    group by together.billing_month
)

select * from final
