-- One row per commitment and month x what a scope can name, where all conditions of the scope hold.
-- An empty scope is all usage of the provider.
with commitments as (
    select * from {{ ref('int_commitments') }}
),

conditions as (
    select * from {{ source('landing', 'commitment_conditions') }}
),

condition_counts as (
    select
        line,
        count(*) as conditions
    from conditions
    group by line
),

named as (
    select distinct
        provider,
        billing_month,
        named_key,
        billing_account,
        sub_account,
        credential_id,
        region,
        service_tier,
        model,
        meter
    from {{ ref('int_commitment_usage') }}
),

met as (
    select
        conditions.line,
        named.named_key,
        named.provider,
        named.billing_month,
        count(*) as conditions
    from named
    inner join conditions
        on {{ glob_match(scope_value('conditions.field', 'named'), 'conditions.pattern') }}
    group by conditions.line, named.named_key, named.provider, named.billing_month
),

final as (
    select
        commitments.commitment_id,
        commitments.billing_month,
        commitments.provider,
        commitments.place,
        named.named_key
    from commitments
    inner join named
        on
            commitments.provider = named.provider
            and commitments.billing_month = named.billing_month
    left join condition_counts on commitments.line = condition_counts.line
    left join met
        on
            commitments.line = met.line
            and named.named_key = met.named_key
            and named.provider = met.provider
            and named.billing_month = met.billing_month
    where coalesce(condition_counts.conditions, 0) = coalesce(met.conditions, 0)
)

select * from final
