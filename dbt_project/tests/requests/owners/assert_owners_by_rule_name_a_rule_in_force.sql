-- Fails if an owner decided by a rule is not what that rule sets, or the rule was not in force, or
-- does not match, or an owner decided by another place names a rule.
with rules as (
    select * from {{ ref('int_rules_matched') }}
),

requests as (
    {%- for dimension in owner_dimensions() %}
    select
        request_key,
        rule_key,
        started_at,
        '{{ dimension }}' as dimension,
        {{ dimension }}_source as owner_source,
        {{ dimension }}_rule as owner_rule
    from {{ ref('int_requests') }}
    where {{ dimension }}_source = 'rule' or {{ dimension }}_rule is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    requests.request_key,
    requests.dimension
from requests
left join rules
    on
        requests.rule_key = rules.rule_key
        and requests.owner_rule = rules.rule
        and rules.valid_from <= requests.started_at
        and requests.started_at < rules.valid_to
        and case requests.dimension
            {%- for dimension in owner_dimensions() %}
            when '{{ dimension }}' then rules.set_{{ dimension }}
            {%- endfor %}
        end is not null
where requests.owner_source <> 'rule' or rules.line is null
