-- One row per commitment x billing month: how much of it was used, what was not, what went over it,
-- and what it saved. Amounts committed, used and over are list-equivalent: usage at list price.
-- used + unused = committed; what is paid is the commitment's cost, used or not, and the overage's, by
-- its terms. Beside them what invoices charged for it in that month, and what of it was amortised.
with commitments as (
    select * from {{ ref('int_commitments') }}
),

-- the contracted cost of usage that is partly covered is split like its list price
uses as (
    select
        *,
        case
            when used_pico + overage_pico = list_pico then contracted_pico
            else {{ split_floor('contracted_pico', 'used_pico + overage_pico', 'list_pico') }}
        end as contracted_share_pico
    from {{ ref('int_commitment_uses') }}
),

summed as (
    select
        commitment_id,
        billing_month,
        sum(list_pico) as in_scope_pico,
        sum(used_pico) as used_pico,
        sum(overage_pico) as overage_pico,
        sum(contracted_share_pico) as contracted_pico,
        sum(unpriced_tokens) as unpriced_tokens,
        sum(unlogged_tokens) as unlogged_tokens
    from uses
    group by commitment_id, billing_month
),

charges as (
    select
        commitment_id,
        billing_month,
        sum(billed_pico) as billed_pico
    from {{ ref('int_commitment_charges') }}
    group by commitment_id, billing_month
),

amortised as (
    select
        commitment_id,
        billing_month,
        sum(share_pico) as effective_pico
    from {{ ref('int_commitment_months') }}
    group by commitment_id, billing_month
),

measured as (
    select
        commitments.*,
        coalesce(summed.in_scope_pico, 0) as in_scope_pico,
        coalesce(summed.used_pico, 0) as used_pico,
        commitments.committed_pico - coalesce(summed.used_pico, 0) as unused_pico,
        coalesce(summed.overage_pico, 0) as overage_pico,
        coalesce(summed.contracted_pico, 0) as contracted_pico,
        coalesce(summed.unpriced_tokens, 0) as unpriced_tokens,
        coalesce(summed.unlogged_tokens, 0) as unlogged_tokens,
        coalesce(charges.billed_pico, 0) as billed_pico,
        coalesce(amortised.effective_pico, 0) as amortised_pico
    from commitments
    left join summed
        on
            commitments.commitment_id = summed.commitment_id
            and commitments.billing_month = summed.billing_month
    left join charges
        on
            commitments.commitment_id = charges.commitment_id
            and commitments.billing_month = charges.billing_month
    left join amortised
        on
            commitments.commitment_id = amortised.commitment_id
            and commitments.billing_month = amortised.billing_month
),

paid as (
    select
        *,
        {{ at_percent('unused_pico', '100 - discount_percent') }} as unused_cost_pico,
        {{ at_percent('overage_pico', '100 + overage_percent') }} as overage_cost_pico
    from measured
),

valued as (
    select
        *,
        used_pico + overage_pico as governed_pico,
        paid_pico + overage_cost_pico as effective_pico
    from paid
),

final as (
    select
        commitment_id,
        billing_month,
        provider,
        kind,
        scope,
        coalesce(owner, '__unallocated__') as owner,
        '{{ var("currency") }}' as currency,
        {{ from_pico('committed_pico') }} as committed_amount,
        {{ from_pico('paid_pico') }} as commitment_cost,
        {{ from_pico('in_scope_pico') }} as usage_in_scope,
        {{ from_pico('used_pico') }} as used_amount,
        {{ from_pico('unused_pico') }} as unused_amount,
        {{ from_pico('unused_cost_pico') }} as unused_cost,
        {{ from_pico('overage_pico') }} as overage_amount,
        {{ from_pico('overage_cost_pico') }} as overage_cost,
        {{ from_pico('contracted_pico') }} as contracted_amount,
        {{ ratio('used_pico', 'in_scope_pico') }} as coverage,
        {{ ratio('used_pico', 'committed_pico') }} as utilisation,
        {{ ratio('(governed_pico - effective_pico)', 'governed_pico') }} as esr_over_list,
        {{ ratio('(contracted_pico - effective_pico)', 'contracted_pico') }} as esr_over_contracted,
        {{ from_pico('billed_pico') }} as billed_cost,
        {{ from_pico('amortised_pico') }} as effective_cost,
        cast(unpriced_tokens as bigint) as unpriced_tokens,
        cast(unlogged_tokens as bigint) as unlogged_tokens
    from valued
)

select * from final
