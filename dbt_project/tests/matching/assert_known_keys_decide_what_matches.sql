-- Fails if a charge was matched with a cell although a key that both know differs; or if units billed and
-- not explained, and units logged and not claimed, have every key in common, while no other charge could
-- have claimed them: they should have been matched.
with unexplained as (
    select part_id from {{ ref('int_part_shares') }}
    where cell_id is null and quantity > 0
),

parts as (
    select charge_parts.* from {{ ref('int_parts_in_hand') }} as charge_parts
    where
        {{ is_metered('charge_parts') }}
        and charge_category = 'Usage'
        and quantity > 0
        {%- if var('since') %}
        and {{ billed_date('charge_period_start', 'charge_period_end') }} >= date '{{ var("since") }}'
        {%- endif %}
),

unclaimed as (
    select
        cells.*,
        uses.cell_meter
    from {{ ref('int_cell_uses') }} as uses
    inner join {{ ref('int_cells_in_hand') }} as cells on uses.cell_id = cells.cell_id
    where uses.charge_id is null
),

candidates as (
    select
        unclaimed.cell_id,
        unclaimed.cell_meter,
        min(parts.part_id) as part_id
    from unclaimed
    inner join parts
        on
            unclaimed.provider = parts.provider
            and unclaimed.billing_account = parts.billing_account
            and unclaimed.model = parts.model
            and unclaimed.cell_meter = parts.meter
            and unclaimed.service_tier = parts.service_tier
            and unclaimed.context_band = parts.context_band
            and unclaimed.credential_id = parts.credential_id
            and coalesce(unclaimed.sub_account, parts.sub_account, '~')
            = coalesce(parts.sub_account, unclaimed.sub_account, '~')
            and coalesce(unclaimed.region, parts.region, '~')
            = coalesce(parts.region, unclaimed.region, '~')
            and parts.charge_period_start <= unclaimed.usage_hour
            and unclaimed.usage_hour < parts.charge_period_end
            and {{ is_of_month('parts', 'unclaimed') }}
    group by unclaimed.cell_id, unclaimed.cell_meter
    having count(*) = 1
)

select 'agrees and is not matched' as problem, candidates.part_id, candidates.cell_id
from candidates
inner join unexplained on candidates.part_id = unexplained.part_id
union all
select 'differs and is matched', matches.part_id, matches.cell_id
from {{ ref('int_matches') }} as matches
inner join {{ ref('int_parts_in_hand') }} as parts on matches.part_id = parts.part_id
inner join {{ ref('int_cells_in_hand') }} as cells on matches.cell_id = cells.cell_id
where
    parts.provider is distinct from cells.provider
    or parts.billing_account is distinct from cells.billing_account
    or parts.model <> cells.model
    or (
        parts.service_tier <> cells.service_tier
        and not cells.tier_assumed
        and not {{ is_untold_speed('parts', 'cells') }}
    )
    or (parts.context_band <> cells.context_band and parts.is_banded)
    or parts.credential_id <> cells.credential_id
    or parts.sub_account <> cells.sub_account
    or parts.region <> cells.region
    or (matches.match_level <> 'meter_shift' and parts.meter <> matches.cell_meter)
