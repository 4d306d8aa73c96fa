-- One row per part that is split as other parts are x such a part: a reversal (negative money without
-- tokens of its own) as what it takes back, and a line that shares its tokens with a larger one.
-- A reversal has the keys and words of what it reverses: lines of its own period, else of the latest
-- one before.
with parts as (
    select * from {{ ref('int_charge_parts') }}
    where charge_kind = 'tokens' and charge_category = 'Usage'
),

charges as (
    select charge_id, credential_id, charge_description from {{ ref('int_charges') }}
),

described as (
    select
        parts.*,
        {{ key_of([
            'parts.provider', 'parts.billing_account', 'parts.sub_account', 'charges.credential_id',
            'parts.model', 'parts.meter', 'parts.service_tier', 'parts.context_band', 'parts.region',
            'charges.charge_description',
        ]) }} as line_key
    from parts
    inner join charges on parts.charge_id = charges.charge_id
),

reversals as (
    select * from described
    where part_pico < 0 and coalesce(quantity, 0) <= 0 and followed_part_id is null
),

originals as (
    select * from described
    where part_pico > 0
),

candidates as (
    select
        reversals.part_id,
        coalesce(originals.followed_part_id, originals.part_id) as original_part_id,
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
    select distinct
        part_id,
        original_part_id
    from candidates
    where period_rank = 1
    union all
    select
        part_id,
        followed_part_id as original_part_id
    from parts
    where followed_part_id is not null
)

select * from final
