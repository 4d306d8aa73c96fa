-- One row per usage date x feature with a request: what a request, answer, session, user and run of it cost, beside how
-- fast it answered, how often it failed and how large its prompts were against feature_plans.csv; and whether the cost of a
-- request lastingly changed on that day. Costs are what requests explain, residuals apart. Distinct sessions, users and
-- runs are the day's and do not add up.
with daily as (
    select * from {{ ref('fct_cost_daily') }}
),

usage as (
    select * from {{ ref('int_unit_usage_daily') }}
),

spellings as (
    select * from {{ ref('int_spellings') }}
),

lines as (
    select * from {{ source('landing', 'feature_plans') }}
),

plans as (
    select
        {{ folded('feature_spelling', 'lines.feature') }} as feature,
        lines.expected_input_tokens,
        lines.expected_output_tokens,
        lines.valid_from,
        lines.valid_to
    from lines
    {{ join_spellings('lines', at="timestamp '9999-01-01'", dimensions=['feature']) }}
),

costs as (
    select
        usage_date,
        feature,
        sum(billed_cost) - sum(residual_cost) as billed_cost,
        {{ known_estimate() }} as estimated_cost,
        cast(sum(unpriced_quantity) as bigint) as unpriced_quantity
    from daily
    group by usage_date, feature
),

models as (
    select
        usage_date,
        feature,
        model,
        row_number() over (
            partition by usage_date, feature order by sum(requests) desc nulls last, model nulls last
        ) as place
    from daily
    where requests > 0
    group by usage_date, feature, model
),

joined as (
    select
        {{ all_but('day_hash', of='usage') }},
        models.model as main_model,
        lag(models.model) over (partition by usage.feature order by usage.usage_date nulls last) as model_before,
        coalesce(costs.billed_cost, 0) as billed_cost,
        case when costs.feature is null then 0 else costs.estimated_cost end as estimated_cost,
        coalesce(costs.unpriced_quantity, 0) as unpriced_quantity,
        plans.expected_input_tokens,
        plans.expected_output_tokens
    from usage
    left join costs
        on usage.usage_date = costs.usage_date and usage.feature = costs.feature
    left join models
        on
            usage.usage_date = models.usage_date
            and usage.feature = models.feature
            and models.place = 1
    left join plans
        on
            usage.feature = plans.feature
            and plans.valid_from <= usage.usage_date
            and usage.usage_date < plans.valid_to
),

costed as (
    select
        *,
        billed_cost + estimated_cost as total_cost,
        {{ to_pico('billed_cost + estimated_cost') }} as total_pico,
        {{ unit_cost('billed_cost + estimated_cost', 'requests') }} as cost_per_request,
        case
            when input_tokens > measured_requests * expected_input_tokens
                then input_tokens - measured_requests * expected_input_tokens
            when expected_input_tokens is not null then 0
        end as tokens_beyond_plan
    from joined
),

request_costs as (
    select
        usage_date,
        feature,
        {{ to_pico('cost_per_request') }} as value
    from costed
    where cost_per_request is not null
),

changes as (
    {{ change_points('request_costs', 'feature', 'value') }}
),

final as (
    select
        costed.usage_date,
        costed.feature,
        costed.requests,
        costed.responses,
        costed.failed_requests,
        cast({{ percent_of('costed.failed_requests', 'costed.requests') }} as decimal(18, 2)) as error_percent,
        costed.sessions,
        costed.users,
        costed.runs,
        costed.latency_p50_ms,
        costed.latency_p95_ms,
        costed.billed_cost,
        costed.estimated_cost,
        costed.unpriced_quantity,
        costed.total_cost,
        {{ basis_of_cost(of='costed') }} as cost_basis,
        costed.cost_per_request,
        {{ unit_cost('costed.total_cost', 'costed.responses') }} as cost_per_response,
        {%- for unit in ['session', 'user', 'run'] %}
        case
            when costed.total_pico >= 0 and costed.{{ unit }}s > 0
                then {{ from_pico(split_floor(
                    'costed.total_pico', 'costed.requests_of_' ~ unit ~ 's', 'costed.requests * costed.' ~ unit ~ 's'
                )) }}
        end as cost_per_{{ unit }},
        {%- endfor %}
        {%- for unit in ['session', 'user', 'run'] %}
        costed.requests_of_{{ unit }}s,
        {%- endfor %}
        costed.main_model,
        changes.feature is not null as is_change_point,
        case when changes.feature is not null then costed.model_before end as baseline_model,
        {{ from_pico('changes.median_before') }} as baseline_cost_per_request,
        {{ from_pico('changes.median_after') }} as changed_cost_per_request,
        {{ signed_percent_of('(changes.median_after - changes.median_before)', 'changes.median_before') }} as change_percent,
        costed.input_tokens,
        costed.output_tokens,
        costed.measured_requests,
        costed.input_tokens_p50,
        costed.input_tokens_p95,
        costed.input_tokens_max,
        costed.long_requests,
        costed.expected_input_tokens,
        costed.expected_output_tokens,
        {{ ratio('costed.input_tokens', 'costed.measured_requests * costed.expected_input_tokens') }} as input_ratio,
        {{ ratio('costed.output_tokens', 'costed.measured_requests * costed.expected_output_tokens') }} as output_ratio,
        case
            when costed.tokens_beyond_plan = 0 then 0
            when costed.input_tokens > 0
                then {{ from_pico(split_floor('costed.input_cost_pico', 'costed.tokens_beyond_plan', 'costed.input_tokens')) }}
        end as input_cost_beyond_plan,
        '{{ var("currency") }}' as currency
    from costed
    left join changes
        on costed.usage_date = changes.usage_date and costed.feature = changes.feature
)

select * from final
