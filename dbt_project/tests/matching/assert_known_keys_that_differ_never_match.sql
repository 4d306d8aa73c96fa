-- Fails if a charge was matched with a cell although a key that both know differs.
select matches.*
from {{ ref('int_matches') }} as matches
inner join {{ ref('int_charge_parts') }} as parts on matches.part_id = parts.part_id
inner join {{ ref('int_cells') }} as cells on matches.cell_id = cells.cell_id
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
