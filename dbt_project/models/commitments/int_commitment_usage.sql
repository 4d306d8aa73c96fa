-- One row per billing month x day x what a scope can name, of providers with a commitment: what was
-- logged at list and contracted price, and tokens that stand beside it without a list price. What is paid
-- by the month as capacity is no usage of a commitment.
with allocations as (
    select * from {{ ref('int_matched_allocations') }}
),

committed as (
    select distinct
        provider,
        billing_month
    from {{ ref('int_commitments') }}
),

usage as (
    select allocations.*
    from allocations
    inner join committed
        on
            allocations.provider = committed.provider
            and allocations.billing_month = committed.billing_month
    where allocations.match_level is distinct from 'capacity'
),

summed as (
    select
        provider,
        billing_month,
        usage_date,
        billing_account,
        sub_account,
        credential_id,
        region,
        service_tier,
        model,
        meter,
        coalesce(sum(list_pico) filter (where residual_cause is null), 0) as list_pico,
        coalesce(
            sum(coalesce(contracted_pico, list_pico)) filter (
                where residual_cause is null and list_pico is not null
            ), 0
        ) as contracted_pico,
        coalesce(
            sum(quantity) filter (
                where {{ is_token_meter('meter') }} and residual_cause is null and list_pico is null
            ), 0
        ) as unpriced_tokens,
        coalesce(
            sum(quantity) filter (where {{ is_token_meter('meter') }} and residual_cause is not null), 0
        ) as unlogged_tokens
    from usage
    group by all
),

final as (
    select
        {{ key_of([
            'billing_account', 'sub_account', 'credential_id', 'region', 'service_tier', 'model', 'meter',
        ]) }} as named_key,
        *
    from summed
)

select * from final
