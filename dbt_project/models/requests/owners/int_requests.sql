{{ config(database='stage') }}
-- One row per kept request with its owners, as of the event, and the cell it belongs to. Per
-- dimension the first place of the workspace's `attribution` list that says something wins.
{%- set dimensions = owner_dimensions() %}
{%- set fields = rule_fields() %}
-- depends_on: {{ ref('int_rules_won') }}
with days as (
    select * from {{ ref('int_days_in_hand') }}
),

identified as (
    select
        identified.*,
        days.day_hash
    from {{ ref('int_requests_identified') }} as identified
    inner join days on identified.usage_date = days.usage_date
),

credentials as (
    select * from {{ ref('int_credentials_owned') }}
),

bills as (
    select source, provider, billing_account from {{ source('landing', 'sources') }}
    where kind = 'bill' and role = 'bill'
),

customers as (
    select * from {{ ref('int_customers_resolved') }}
),

spellings as (
    select * from {{ ref('int_spellings') }}
),

{% if fields -%}
rules_won as (
    select * from {{ ref('int_rules_won') }}
),

{% endif -%}
-- what credentials.csv says: the gateway's key, else the provider's, else the sub-account
by_credential as (
    select
        identified.*,
        {{ told_texts('identified.attributes') }} as told,
        {%- for dimension in credential_owners() %}
        coalesce(
            key_id.{{ dimension }},
            key_alias.{{ dimension }},
            provider_key.{{ dimension }},
            sub_account_owner.{{ dimension }}
        ) as credential_{{ dimension }},
        {%- endfor %}
        -- the row of customers.csv that stands for the customer, which may be a glob
        coalesce(customers.customer, identified.customer_id) as customer,
        {{ owner_columns('customers', dimensions=customer_owners(), renamed='customer_') }},
        cast(customers.converted as string) as customer_converted,
        -- the one of its names that is known; it is folded with all others, once
        coalesce(
            case when team_by_id.value is not null then identified.gateway_team end,
            case when team_by_name.value is not null then identified.gateway_team_alias end,
            identified.gateway_team_alias,
            identified.gateway_team
        ) as gateway_team_name
    from identified
    left join bills
        on
            identified.provider = bills.provider
            and identified.billing_account = bills.billing_account
    {%- for owner, source, credential in [
        ('key_id', 'identified.source', 'identified.gateway_key_id'),
        ('key_alias', 'identified.source', 'identified.gateway_key_alias'),
        ('provider_key', 'bills.source', 'identified.credential_id'),
        ('sub_account_owner', 'bills.source', 'identified.sub_account'),
    ] %}
    left join credentials as {{ owner }}
        on
            {{ source }} = {{ owner }}.source
            and {{ credential }} = {{ owner }}.credential_id
            and {{ owner }}.valid_from <= identified.started_at
            and identified.started_at < {{ owner }}.valid_to
    {%- endfor %}
    left join customers
        on
            identified.customer_id = customers.customer_id
            and customers.valid_from <= identified.started_at
            and identified.started_at < customers.valid_to
    {%- for owner, column in [
        ('team_by_id', 'gateway_team'), ('team_by_name', 'gateway_team_alias'),
    ] %}
    left join spellings as {{ owner }}
        on
            {{ owner }}.dimension = 'team'
            and lower(identified.{{ column }}) = {{ owner }}.spelling
            and {{ owner }}.valid_from <= identified.started_at
            and identified.started_at < {{ owner }}.valid_to
    {%- endfor %}
),

-- what attribution_rules.csv says; no field is used by any rule where there are no rules
keyed as (
    select
        *,
        {{ rule_key(fields) }} as rule_key
    from by_credential
),

by_rule as (
    select
        keyed.*
        {%- for dimension in dimensions %},
        {{ 'rules_won.' ~ dimension if fields else 'cast(null as string)' }} as rule_{{ dimension }},
        {{ 'rules_won.' ~ dimension ~ '_rule' if fields else 'cast(null as string)' }} as ruled_{{ dimension }}
        {%- endfor %}
    from keyed
    {%- if fields %}
    left join rules_won
        on
            keyed.rule_key = rules_won.rule_key
            and rules_won.valid_from <= keyed.started_at
            and keyed.started_at < rules_won.valid_to
    {%- endif %}
),

said as (
    select
        *
        {%- for dimension in dimensions %},
        coalesce(
            {%- for place in var('attribution')[dimension] %}
            {{ owner_place(place, dimension, told='told') }},
            {%- endfor %}
            cast(null as string)
        ) as said_{{ dimension }},
        case
            {%- for place in var('attribution')[dimension] %}
            when {{ owner_place(place, dimension, told='told') }} is not null then {{ text_literal(place) }}
            {%- endfor %}
            else 'none'
        end as {{ dimension }}_source
        {%- endfor %}
    from by_rule
),

owned as (
    select
        {{ all_but(
            (
                each_owner('said_') + each_owner('rule_') + each_owner('ruled_')
                + each_owner('credential_', credential_owners()) + each_owner('customer_', customer_owners())
                + ['customer_converted', 'gateway_team_name', 'unnamed_attributes', 'told']
            ) | join(', '),
            of='said'
        ) }}
        {%- for dimension in dimensions %},
        coalesce({{ folded(dimension ~ '_spelling', 'said.said_' ~ dimension) }}, '__unallocated__') as {{ dimension }},
        case when said.{{ dimension }}_source = 'rule' then said.ruled_{{ dimension }} end
            as {{ dimension }}_rule
        {%- endfor %}
    from said
    {{ join_spellings('said', at='said.started_at', prefix='said_') }}
),

final as (
    select
        *,
        -- whose log does not say the key: which keys of others it may use is said of the gateway
        case when credential_id is null then source end as keyless_gateway,
        {{ start_of('hour', 'used_at') }} as usage_hour,
        {{ showback_date('used_at') }} as showback_date,
        {{ tells_no_usage() }} as is_untold,
        {{ key_of([
            start_of('hour', 'used_at'), showback_date('used_at'), 'provider', 'billing_account',
            'sub_account', 'credential_id', 'model', 'service_tier', 'tier_assumed', 'context_band', 'region',
            'pool', 'case when credential_id is null then source end',
        ] + dimensions, numbers=[start_of('hour', 'used_at'), showback_date('used_at'), 'tier_assumed']) }} as cell_id
    from owned
)

select * from final
