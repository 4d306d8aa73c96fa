-- One row per commitment and usage in its scope: how much of it the commitment covers, and how much
-- is its overage. Commitments take in line, each what the earlier ones left, the earliest day first;
-- what all of them left is the overage of the last one that has it in scope.
with usage as (
    select * from {{ ref('int_commitment_usage') }}
),

commitments as (
    select * from {{ ref('int_commitments') }}
),

scopes as (
    select
        in_scope.*,
        commitments.committed_pico,
        in_scope.place = max(in_scope.place) over (
            partition by in_scope.provider, in_scope.billing_month, in_scope.named_key
        ) as is_last
    from {{ ref('int_commitment_scopes') }} as in_scope
    inner join commitments
        on
            in_scope.commitment_id = commitments.commitment_id
            and in_scope.billing_month = commitments.billing_month
),

left_0 as (
    select
        provider,
        billing_month,
        usage_date,
        named_key,
        list_pico as left_pico
    from usage
),
{%- set places = commitments_in_line() %}
{%- for place in range(1, places + 1) %}

asked_{{ place }} as (
    select
        left_{{ place - 1 }}.*,
        scopes.committed_pico,
        sum(left_{{ place - 1 }}.left_pico) over (
            partition by left_{{ place - 1 }}.provider, left_{{ place - 1 }}.billing_month
            order by left_{{ place - 1 }}.usage_date nulls last, left_{{ place - 1 }}.named_key nulls last
        ) as left_so_far_pico
    from left_{{ place - 1 }}
    inner join scopes
        on
            left_{{ place - 1 }}.provider = scopes.provider
            and left_{{ place - 1 }}.billing_month = scopes.billing_month
            and left_{{ place - 1 }}.named_key = scopes.named_key
            and scopes.place = {{ place }}
),

taken_{{ place }} as (
    select
        provider,
        billing_month,
        usage_date,
        named_key,
        cast(
            greatest(least(committed_pico - (left_so_far_pico - left_pico), left_pico), 0)
            as decimal(38, 0)
        ) as used_pico
    from asked_{{ place }}
),

left_{{ place }} as (
    select
        {{ all_but('left_pico', of='left_' ~ (place - 1)) }},
        left_{{ place - 1 }}.left_pico - coalesce(taken_{{ place }}.used_pico, 0) as left_pico
    from left_{{ place - 1 }}
    left join taken_{{ place }}
        on
            left_{{ place - 1 }}.provider = taken_{{ place }}.provider
            and left_{{ place - 1 }}.billing_month = taken_{{ place }}.billing_month
            and left_{{ place - 1 }}.usage_date = taken_{{ place }}.usage_date
            and left_{{ place - 1 }}.named_key = taken_{{ place }}.named_key
),
{%- endfor %}

taken as (
    {%- for place in range(1, places + 1) %}
    select
        *,
        {{ place }} as place
    from taken_{{ place }}
    union all
    {%- endfor %}
    select
        provider,
        billing_month,
        usage_date,
        named_key,
        cast(0 as decimal(38, 0)) as used_pico,
        0 as place
    from left_0
    where false
),

final as (
    select
        scopes.commitment_id,
        taken.billing_month,
        taken.usage_date,
        taken.provider,
        taken.named_key,
        usage.list_pico,
        taken.used_pico,
        cast(
            case when scopes.is_last then left_{{ places }}.left_pico else 0 end as decimal(38, 0)
        ) as overage_pico,
        usage.contracted_pico,
        usage.unpriced_tokens,
        usage.unlogged_tokens
    from taken
    inner join scopes
        on
            taken.provider = scopes.provider
            and taken.billing_month = scopes.billing_month
            and taken.named_key = scopes.named_key
            and taken.place = scopes.place
    inner join usage
        on
            taken.provider = usage.provider
            and taken.billing_month = usage.billing_month
            and taken.usage_date = usage.usage_date
            and taken.named_key = usage.named_key
    inner join left_{{ places }}
        on
            taken.provider = left_{{ places }}.provider
            and taken.billing_month = left_{{ places }}.billing_month
            and taken.usage_date = left_{{ places }}.usage_date
            and taken.named_key = left_{{ places }}.named_key
)

select * from final
