{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_costed_days(unowned_days(), unowned_words()) }}",
) }}
-- One row per usage date, billing month, dimension (feature, team) in which requests have no owner, and every
-- way in which a rule could name them (NULL where the log lacks the value): how many they are and what they
-- cost. A day is built again where its requests change, or its cells' part of any charge.
-- depends_on: {{ ref('int_cells_in_hand') }}
with changed as (
    {{ new_costed_days(unowned_days()) }}
),

-- both are worked out first: where no day has changed nothing is read of all days
requests as materialized (
    select
        requests.*,
        changed.costs_hash
    from {{ ref('fct_requests') }} as requests
    inner join changed on requests.usage_date = changed.usage_date
    where {{ any_accountable("= '__unallocated__'", of='requests') }}
),

allocations as materialized (
    select allocations.*
    from {{ ref('int_allocations') }} as allocations
    inner join changed on allocations.usage_date = changed.usage_date
    where allocations.cell_id is not null and {{ any_accountable("= '__unallocated__'", of='allocations') }}
),

pairs as (
    select
        allocations.allocation_id,
        allocations.billing_month,
        request_meters.usage_date,
        request_meters.request_key,
        request_meters.meter,
        request_meters.quantity,
        allocations.billed_pico + allocations.estimated_pico as allocation_pico,
        sum(request_meters.quantity) over (partition by allocations.allocation_id)
            as allocation_quantity
    from {{ ref('fct_request_meters') }} as request_meters
    inner join allocations
        on
            request_meters.cell_id = allocations.cell_id
            and request_meters.usage_date = allocations.usage_date
            and request_meters.meter = allocations.cell_meter
),

shares as (
    {{ split_exactly(
        'pairs', 'allocation_pico', 'quantity', 'allocation_quantity', 'allocation_id',
        'request_key', 'share_pico'
    ) }}
),

costs as (
    select
        request_key,
        usage_date,
        billing_month,
        sum(share_pico) as cost_pico,
        count(*) > count(share_pico) as is_unpriced,
        coalesce(sum(quantity) filter (where share_pico is null and {{ is_token_meter('meter') }}), 0)
            as unpriced_tokens
    from shares
    group by request_key, usage_date, billing_month
),

costed as (
    select
        requests.usage_date,
        requests.costs_hash,
        coalesce(costs.billing_month, {{ first_of_month('requests.usage_date') }}) as billing_month,
        {{ owner_columns('requests', dimensions=accountable_owners()) }},
        {{ is_first_choice() }} as is_first_choice,
        -- what nothing is known of weighs nothing; what was not allocated costs nothing
        coalesce(costs.cost_pico, 0) as cost_pico,
        costs.request_key is null or costs.cost_pico is not null as is_cost_known,
        coalesce(costs.is_unpriced, false) as is_unpriced,
        coalesce(costs.unpriced_tokens, 0) as unpriced_tokens,
        {{ proposal_caller() }} as caller,
        -- what an owner can be called after: a user, session or customer is none, nor a key of theirs
        case
            when {{ proposal_match(['key']) }} is null and {{ proposal_match(['user']) }} is not null then null
            when instr(coalesce(requests.gateway_key_alias, ''), '@') > 0 then null
            {%- for person in ['user_id', 'session_id', 'customer_id'] %}
            when lower(requests.{{ person }}) in (
                lower(requests.gateway_key_alias), lower(requests.gateway_key_id),
                lower(requests.credential_id), lower(requests.deployment_id)
            ) then null
            {%- endfor %}
            else coalesce(
                requests.gateway_key_alias,
                'key-' || left(requests.gateway_key_id, 8),
                requests.credential_id,
                requests.deployment_id
            )
        end as caller_name
        {%- for fields in proposal_matches() %},
        {{ proposal_match(fields) }} as match_{{ loop.index }}
        {%- endfor %}
        {%- for field in proposal_splits() %},
        {{ proposal_value(field) }} as split_{{ field }}
        {%- endfor %}
    from requests
    left join costs
        on requests.request_key = costs.request_key and requests.usage_date = costs.usage_date
),
{%- set alike = ['is_first_choice', 'caller', 'caller_name'] %}
{%- for fields in proposal_matches() %}{% do alike.append('match_' ~ loop.index) %}{% endfor %}
{%- for field in proposal_splits() %}{% do alike.append('split_' ~ field) %}{% endfor %}

final as (
    {%- for dimension in accountable_owners() %}
    select
        usage_date,
        costs_hash,
        billing_month,
        '{{ dimension }}' as dimension,
        {{ key_of(['usage_date', 'billing_month'] + alike) }} as alike_key,
        {{ alike | join(', ') }},
        count(*) as requests,
        count(*) filter (where is_cost_known) as costed_requests,
        count(*) filter (where is_unpriced) as unpriced_requests,
        cast(sum(cost_pico) as decimal(38, 0)) as cost_pico,
        cast(sum(unpriced_tokens) as bigint) as unpriced_tokens
    from costed
    where {{ dimension }} = '__unallocated__'
    group by usage_date, costs_hash, billing_month, {{ alike | join(', ') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
