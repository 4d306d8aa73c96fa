-- One row per part of a charge that no request explains, or not wholly: the cause and the owner.
-- The owner is the credential's, else the sub-account's, as of the charge.
with shares as (
    select * from {{ ref('int_part_shares') }}
    where cell_id is null
),

parts as (
    select * from {{ ref('int_charge_parts') }}
),

cells as (
    select * from {{ ref('int_cells') }}
),

owners as (
    select * from {{ ref('int_credentials_owned') }}
),

unexplained as (
    select
        parts.*,
        shares.quantity as unexplained_quantity,
        shares.billed_pico
    from shares
    inner join parts on shares.part_id = parts.part_id
),

-- was this credential seen with this model on those days at all, failed requests included?
seen as (
    select
        unexplained.part_id,
        sum(cells.requests) as requests,
        sum(cells.failed_requests) as failed_requests,
        sum(cells.estimated_requests) as estimated_requests
    from unexplained
    inner join cells
        on
            unexplained.provider = cells.provider
            and unexplained.billing_account = cells.billing_account
            and (unexplained.model = cells.model or unexplained.model is null)
            and (
                unexplained.credential_id = cells.credential_id
                or unexplained.credential_id is null
                or cells.credential_id is null
            )
            and (
                unexplained.sub_account = cells.sub_account
                or unexplained.sub_account is null
                or cells.sub_account is null
            )
            and unexplained.charge_period_start <= cells.usage_hour
            and cells.usage_hour < unexplained.charge_period_end
    group by unexplained.part_id
),

final as (
    select
        unexplained.part_id,
        unexplained.charge_id,
        unexplained.credential_id,
        unexplained.unexplained_quantity as quantity,
        unexplained.billed_pico,
        coalesce(seen.failed_requests, 0) as failed_requests,
        coalesce(seen.estimated_requests, 0) as estimated_requests,
        case
            when unexplained.charge_kind in ('tax', 'credit', 'fee', 'rounding', 'unparsed')
                then unexplained.charge_kind
            when unexplained.charge_category = 'Tax' then 'tax'
            when unexplained.charge_category = 'Credit' then 'credit'
            when unexplained.charge_kind = 'adjustment' then 'credit'
            when unexplained.charge_kind <> 'tokens' then 'non_token'
            when coalesce(seen.requests, 0) > 0 then 'unlogged_usage'
            else 'outside_gateway'
        end as residual_cause,
        coalesce(credential_owner.team, sub_account_owner.team) as team,
        coalesce(credential_owner.feature, sub_account_owner.feature) as feature,
        coalesce(credential_owner.environment, sub_account_owner.environment) as environment
    from unexplained
    left join seen on unexplained.part_id = seen.part_id
    {%- for owner, credential in [
        ('credential_owner', 'unexplained.credential_id'),
        ('sub_account_owner', 'unexplained.sub_account'),
    ] %}
    left join owners as {{ owner }}
        on
            unexplained.source = {{ owner }}.source
            and {{ credential }} = {{ owner }}.credential_id
            and {{ owner }}.valid_from <= unexplained.charge_period_start
            and unexplained.charge_period_start < {{ owner }}.valid_to
    {%- endfor %}
)

select * from final
