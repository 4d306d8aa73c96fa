-- One row per reversal x part of a charge that it takes back: a negative quantity for negative money,
-- of the same keys and words. It reverses the lines of its own period, else of the latest one before.
with parts as (
    select * from {{ ref('int_charge_parts') }}
    where charge_kind = 'tokens' and charge_category = 'Usage'
),

charges as (
    select charge_id, charge_description from {{ ref('int_charges') }}
),

described as (
    select
        parts.*,
        {{ key_of([
            'parts.provider', 'parts.billing_account', 'parts.sub_account', 'parts.credential_id',
            'parts.model', 'parts.meter', 'parts.service_tier', 'parts.context_band', 'parts.region',
            'charges.charge_description',
        ]) }} as line_key
    from parts
    inner join charges on parts.charge_id = charges.charge_id
),

reversals as (
    select * from described
    where part_pico < 0 and quantity < 0
),

originals as (
    select * from described
    where part_pico > 0 and quantity > 0
),

candidates as (
    select
        reversals.part_id,
        originals.part_id as original_part_id,
        rank() over (
            partition by reversals.part_id order by originals.charge_period_start desc
        ) as period_rank
    from reversals
    inner join originals
        on
            reversals.line_key = originals.line_key
            and originals.charge_period_start <= reversals.charge_period_start
),

final as (
    select
        part_id,
        original_part_id
    from candidates
    where period_rank = 1
)

select * from final
