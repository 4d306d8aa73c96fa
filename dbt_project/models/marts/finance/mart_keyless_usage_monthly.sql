{{ config(materialized='by_month') }}
-- One row per billing month x provider x billing account x gateway with usage whose log does not say the key:
-- what was matched without it, and what credentials.csv gives to another owner and was therefore not given to
-- this usage, though it would have taken it (int_keys_of_others). Where that is more than 1 % of the
-- account's month and the gateway's entry in tollbook.yaml says nothing of keys, the month is incomplete.
with cells as (
    select * from {{ ref('int_cells_in_hand') }}
    where keyless_gateway is not null
),

gateways as (
    select
        source as gateway,
        credential_globs is not null as is_answered
    from {{ source('landing', 'sources') }}
    where kind = 'gateway'
),

-- what no request explains of parts whose key is another owner's
parts_left as (
    select
        parts.*,
        shares.quantity as part_left,
        shares.billed_pico as left_pico
    from {{ ref('int_parts_in_hand') }} as parts
    inner join {{ ref('int_part_shares') }} as shares on parts.part_id = shares.part_id
    where
        shares.cell_id is null
        and shares.original_part_id is null
        and shares.billed_pico > 0
        and coalesce(shares.quantity, 1) > 0
),

-- what no charge claims of usage without a key
cells_left as (
    select
        cells.*,
        uses.cell_meter,
        uses.quantity as cell_left
    from {{ ref('int_cell_uses') }} as uses
    inner join cells on uses.cell_id = cells.cell_id
    where uses.charge_id is null
),

pairs as (
    select
        parts.part_id,
        parts.billing_month,
        parts.provider,
        parts.billing_account,
        coalesce(parts.credential_id, parts.sub_account) as withheld_key,
        parts.part_left,
        parts.left_pico,
        cells.keyless_gateway as gateway,
        cells.cell_id || ':' || cells.cell_meter as offer_key,
        cells.cell_left,
        sum(parts.part_left) over (partition by cells.cell_id, cells.cell_meter) as wanted
    from parts_left as parts
    inner join {{ ref('int_keys_of_others') }} as others
        on parts.part_id = others.part_id and not others.is_allowed
    inner join cells_left as cells
        on
            others.cell_id = cells.cell_id
            and ({{ meter_side('parts.meter') }} = {{ meter_side('cells.cell_meter') }} or parts.meter is null)
            and (
                parts.service_tier = cells.service_tier
                or parts.service_tier is null
                or cells.tier_assumed
            )
            and (parts.context_band = cells.context_band or parts.context_band is null)
            and (parts.region = cells.region or parts.region is null or cells.region is null)
            and {{ is_of_month('parts', 'cells') }}
),

measured as (
    select * from pairs
    where part_left is not null
),

offers as (
    {{ split_exactly('measured', 'cell_left', 'part_left', 'wanted', 'offer_key', 'part_id', 'offer') }}
),

offered as (
    select
        *,
        sum(offer) over (partition by part_id) as offered
    from offers
    where offer > 0
),

-- of money alone all is withheld
wanted as (
    select
        {{ all_but('offer, offered') }},
        offer as weight,
        offered as total_weight,
        {{ split_floor('left_pico', 'least(part_left, offered)', 'part_left') }} as withheld_pico
    from offered
    union all
    select
        *,
        cell_left as weight,
        sum(cell_left) over (partition by part_id) as total_weight,
        left_pico as withheld_pico
    from pairs
    where part_left is null
),

withheld_shares as (
    {{ split_exactly('wanted', 'withheld_pico', 'weight', 'total_weight', 'part_id', 'offer_key', 'share_pico') }}
),

used as (
    select
        billing_month,
        provider,
        billing_account,
        gateway,
        cast(null as varchar) as matched_key,
        withheld_key,
        cast(0 as decimal(38, 0)) as matched_pico,
        share_pico as withheld_pico
    from withheld_shares
    union all
    select
        charges.billing_month,
        charges.provider,
        charges.billing_account,
        cells.keyless_gateway,
        uses.credential_id,
        null,
        uses.billed_pico,
        0
    from {{ ref('int_cell_uses') }} as uses
    inner join cells on uses.cell_id = cells.cell_id
    inner join {{ ref('int_charges') }} as charges on uses.charge_id = charges.charge_id
),

accounts as (
    select
        billing_month,
        provider,
        billing_account,
        sum(billed_pico) as account_pico
    from {{ ref('int_charges') }}
    where
        charge_category = 'Usage'
        and {{ is_of_months_in_hand() }}
    group by billing_month, provider, billing_account
),

summed as (
    select
        billing_month,
        provider,
        billing_account,
        gateway,
        sum(matched_pico) as matched_pico,
        sum(withheld_pico) as withheld_pico,
        string_agg(distinct withheld_key, ', ' order by withheld_key nulls last)
            filter (where withheld_pico > 0) as withheld_keys,
        string_agg(
            distinct coalesce(withheld_key, matched_key), ', '
            order by coalesce(withheld_key, matched_key) nulls last
        )
            as keys
    from used
    group by billing_month, provider, billing_account, gateway
    having sum(matched_pico) <> 0 or sum(withheld_pico) <> 0
),

asked as (
    select
        summed.*,
        gateways.is_answered,
        accounts.account_pico,
        sum(case when gateways.is_answered then 0 else summed.withheld_pico end) over (
            partition by summed.billing_month, summed.provider, summed.billing_account
        ) as unanswered_pico
    from summed
    inner join gateways on summed.gateway = gateways.gateway
    left join accounts
        on
            summed.billing_month = accounts.billing_month
            and summed.provider = accounts.provider
            and summed.billing_account = accounts.billing_account
),

final as (
    select
        billing_month,
        provider,
        billing_account,
        gateway,
        {{ from_pico('matched_pico') }} as matched_cost,
        {{ from_pico('withheld_pico') }} as withheld_cost,
        {{ from_pico('account_pico') }} as account_cost,
        withheld_keys,
        is_answered,
        not is_answered
        and withheld_pico > 0
        and unanswered_pico * 100 > account_pico as is_incomplete,
        keys
    from asked
)

select * from final
