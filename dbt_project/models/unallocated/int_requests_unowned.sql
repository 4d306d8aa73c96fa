-- One row per request, billing month and dimension (feature, team) in which the request has no
-- owner: its cost, and every way in which a rule could name it (NULL where the log lacks the value).
with requests as (
    select * from {{ ref('int_requests') }}
    where {{ any_accountable("= '__unallocated__'") }}
),

costs as (
    select * from {{ ref('int_requests_costed') }}
),

costed as (
    select
        requests.request_key,
        coalesce(costs.billing_month, {{ first_of_month('requests.usage_date') }}) as billing_month,
        {{ owner_columns('requests', dimensions=accountable_owners()) }},
        requests.session_id,
        -- what another model answered after a failure says nothing of who uses that model
        requests.status = 'success' and coalesce(requests.attempt_role, 'primary') <> 'fallback'
            as is_first_choice,
        -- what nothing is known of weighs nothing; what was not allocated costs nothing
        coalesce(costs.cost_pico, 0) as cost_pico,
        costs.request_key is null or costs.cost_pico is not null as is_cost_known,
        coalesce(costs.is_unpriced, false) as is_unpriced,
        coalesce(costs.unpriced_tokens, 0) as unpriced_tokens,
        coalesce(
            {{ proposal_match(['key']) }},
            {{ proposal_match(['user']) }},
            {{ proposal_match(['credential']) }},
            {{ proposal_match(['deployment']) }}
        ) as caller,
        -- what an owner can be called after: a user, session or customer is none, nor a key of theirs
        case
            when {{ proposal_match(['key']) }} is null and {{ proposal_match(['user']) }} is not null then null
            when strpos(coalesce(requests.gateway_key_alias, ''), '@') > 0 then null
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

final as (
    {%- for dimension in accountable_owners() %}
    select
        '{{ dimension }}' as dimension,
        {{ all_but(accountable_owners() | join(', '), of='costed') }}
    from costed
    where {{ dimension }} = '__unallocated__'
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
