-- One row per part that is split as other parts are x such a part: a reversal (negative money without
-- tokens of its own) as what it takes back, and a line that shares its tokens with a larger one.
-- A reversal has the keys and words of what it reverses: lines of its own period, else of the latest
-- one before; without such words the lines of its keys and period.
with parts as (
    select charge_parts.* from {{ ref('int_charge_parts') }} as charge_parts
    where {{ is_metered('charge_parts') }} and charge_category = 'Usage'
),

charges as (
    select charge_id, credential_id, charge_description from {{ ref('int_charges') }}
),

described as (
    select
        parts.*,
        charges.charge_description,
        {{ key_of([
            'parts.provider', 'parts.billing_account', 'parts.sub_account', 'charges.credential_id',
            'parts.model', 'parts.meter', 'parts.service_tier', 'parts.context_band', 'parts.region',
        ]) }} as line_key
    from parts
    inner join charges on parts.charge_id = charges.charge_id
),

reversals as (
    select * from described
    where part_pico < 0 and coalesce(quantity, 0) <= 0 and followed_part_id is null
),

originals as (
    select
        *,
        coalesce(followed_part_id, part_id) as original_part_id
    from described
    where part_pico > 0
),

candidates as (
    select
        reversals.part_id,
        originals.original_part_id,
        -- the same words first, then the latest
        rank() over (
            partition by reversals.part_id
            order by
                case
                    when reversals.charge_description = originals.charge_description then 0 else 1
                end nulls last,
                originals.charge_period_start desc nulls last
        ) as original_rank
    from reversals
    inner join originals
        on
            reversals.line_key = originals.line_key
            and (
                (
                    reversals.charge_description = originals.charge_description
                    and originals.charge_period_start <= reversals.charge_period_start
                )
                or originals.charge_period_start = reversals.charge_period_start
            )
),

final as (
    select distinct
        part_id,
        original_part_id
    from candidates
    where original_rank = 1
    union all
    select
        part_id,
        followed_part_id as original_part_id
    from parts
    where followed_part_id is not null
)

select * from final
