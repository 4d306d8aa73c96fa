-- One row per part of a charge that no request explains, or not wholly: the cause and the owner; of
-- what follows several parts one per credential, cause and owner of those.
-- The owner is the credential's, else the sub-account's, as of the charge's start, or the first that it
-- has within the charge's time (a key made at noon); of idle capacity the pool's.
with shares as (
    select * from {{ ref('int_part_shares') }}
    where cell_id is null
),

parts as (
    select * from {{ ref('int_parts_in_hand') }}
),

cells as (
    select * from {{ ref('int_cells_in_hand') }}
),

capacity_charges as (
    select charge_id, owner_team from {{ ref('int_capacity_charges') }}
),

owners as (
    select * from {{ ref('int_credentials_owned') }}
),

spellings as (
    select * from {{ ref('int_spellings') }}
),

since as (
    select since from {{ ref('int_since') }}
),

-- what follows another part has the cause and the owner of that part
unexplained as (
    select
        {{ all_but('part_id, charge_id', of='followed') }},
        followed.part_id as cause_part_id,
        parts.part_id,
        parts.charge_id,
        shares.quantity as unexplained_quantity,
        shares.billed_pico,
        {{ billed_date('followed.charge_period_start', 'followed.charge_period_end') }}
        < cast(since.since as date) as is_before_since
    from shares
    inner join parts on shares.part_id = parts.part_id
    inner join parts as followed on coalesce(shares.original_part_id, shares.part_id) = followed.part_id
    cross join since
),

causes as (
    select distinct
        cause_part_id,
        source,
        provider,
        billing_account,
        sub_account,
        credential_id,
        model,
        charge_period_start,
        charge_period_end,
        is_before_since
    from unexplained
),

-- was this credential seen with this model on those days at all, failed requests included? Requests that
-- do not know their key may have it, where it is not another owner's that their gateway is not said to use
seen as (
    select
        causes.cause_part_id,
        sum(cells.requests + coalesce(cells.tool_calls, 0)) as requests,
        cast(sum(cells.failed_requests) as bigint) as failed_requests,
        cast(sum(cells.estimated_requests) as bigint) as estimated_requests
    from (
        select
            *,
            {{ each_day(
                'cast(charge_period_start - interval 1 hour as date)', 'cast(charge_period_end as date) + interval 1 day'
            ) }} as seen_on
        from causes
    ) as causes
    inner join cells
        on
            causes.provider = cells.provider
            and causes.billing_account = cells.billing_account
            and causes.seen_on = cast(cells.usage_hour as date)
            and (causes.model = cells.model or causes.model is null)
            and (
                causes.credential_id = cells.credential_id
                or causes.credential_id is null
                or cells.credential_id is null
            )
            and (
                causes.sub_account = cells.sub_account
                or causes.sub_account is null
                or cells.sub_account is null
            )
            and {{ hour_of_billed_day(
                'cells.usage_hour', 'causes.charge_period_start', 'causes.charge_period_end'
            ) }}
    left join {{ ref('int_keys_of_others') }} as others
        on causes.cause_part_id = others.part_id and cells.cell_id = others.cell_id
    where coalesce(others.is_allowed, true)
    group by causes.cause_part_id
),

-- who had a key first in the time of a charge
{%- for owner, credential in [('credential_owner', 'credential_id'), ('sub_account_owner', 'sub_account')] %}
{{ owner }}s as (
    select {{ all_but('owner_rank') }} from (
        select
            causes.cause_part_id,
            {{ owner_columns('owners', dimensions=credential_owners()) }},
            greatest(owners.valid_from, causes.charge_period_start) as owned_from,
            row_number() over (
                partition by causes.cause_part_id order by owners.valid_from nulls last
            ) as owner_rank
        from causes
        inner join owners
            on
                causes.source = owners.source
                and causes.{{ credential }} = owners.credential_id
                and owners.valid_from < causes.charge_period_end
                and causes.charge_period_start < owners.valid_to
        where not causes.is_before_since
    ) as ranked
    where owner_rank = 1
),
{% endfor %}
caused as (
    select
        unexplained.part_id,
        unexplained.part_id = unexplained.cause_part_id as has_own_cause,
        unexplained.charge_id,
        unexplained.credential_id,
        unexplained.unexplained_quantity as quantity,
        unexplained.billed_pico,
        coalesce(
            credential_owner.owned_from, sub_account_owner.owned_from, unexplained.charge_period_start
        ) as owned_from,
        seen.failed_requests,
        seen.estimated_requests,
        case
            when
                unexplained.charge_kind in (
                    'tax', 'credit', 'fee', 'seats', 'overage', 'expired_credits', 'rounding', 'unparsed'
                )
                then unexplained.charge_kind
            when unexplained.charge_category = 'Tax' then 'tax'
            when unexplained.charge_category = 'Credit' then 'credit'
            when unexplained.charge_kind = 'adjustment' and unexplained.billed_pico > 0 then 'fee'
            when unexplained.charge_kind = 'adjustment' then 'credit'
            when unexplained.charge_kind = 'capacity' and unexplained.is_before_since
                then 'outside_gateway'
            when unexplained.charge_kind = 'capacity' then 'idle_capacity'
            when not {{ is_metered('unexplained') }} then 'non_token'
            when seen.requests > 0 and not unexplained.is_before_since then 'unlogged_usage'
            else 'outside_gateway'
        end as residual_cause
        {%- for dimension in credential_owners() %},
        coalesce(
            credential_owner.{{ dimension }},
            sub_account_owner.{{ dimension }}{{ ', capacity_charges.owner_team' if dimension == 'team' }}
        ) as said_{{ dimension }}
        {%- endfor %}
    from unexplained
    left join seen on unexplained.cause_part_id = seen.cause_part_id
    {%- for owner in ['credential_owner', 'sub_account_owner'] %}
    left join {{ owner }}s as {{ owner }} on unexplained.cause_part_id = {{ owner }}.cause_part_id
    {%- endfor %}
    left join capacity_charges
        on
            unexplained.charge_id = capacity_charges.charge_id
            and not unexplained.is_before_since
),

owned as (
    select
        caused.*
        {%- for dimension in credential_owners() %},
        {{ folded(dimension ~ '_spelling', 'caused.said_' ~ dimension) }} as {{ dimension }}
        {%- endfor %}
    from caused
    {{ join_spellings('caused', at='caused.owned_from', prefix='said_', dimensions=credential_owners()) }}
),

-- the failed and estimated requests stand once, beside what they may explain
final as (
    select
        part_id,
        charge_id,
        credential_id,
        residual_cause,
        {{ owner_columns(dimensions=credential_owners()) }},
        cast(sum(quantity) as bigint) as quantity,
        cast(sum(billed_pico) as decimal(38, 0)) as billed_pico,
        {%- for counted in ['failed_requests', 'estimated_requests'] %}
        cast(
            coalesce(max({{ counted }}) filter (where residual_cause = 'unlogged_usage' and has_own_cause), 0) as bigint
        ) as {{ counted }}{{ "," if not loop.last }}
        {%- endfor %}
    from owned
    group by part_id, charge_id, credential_id, residual_cause, {{ credential_owners() | join(', ') }}
)

select * from final
