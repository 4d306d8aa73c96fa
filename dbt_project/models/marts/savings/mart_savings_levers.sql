-- One row per billing month x team x feature x lever: what of its cost the lever could touch, what it would save a month
-- and what is left for the next one: levers go in order, each on what the ones before it left, and are never added up.
-- Costs are contracted ones by the book, of the month's requests (UTC); what a target costs is asked of the book at the
-- month's last day of use. What nobody logged, or nobody sells, has no saving and says why.
{%- set segment = ['team', 'feature', 'provider', 'model', 'service_tier', 'price_region', 'is_embedding'] %}
{%- set whole = '1000000000000' %}
{%- set hundred = '100000000000000' %}
with recursive uses as (
    select * from {{ ref('int_lever_uses') }}
),

prices as (
    select * from {{ ref('int_prices_dated') }}
),

standard as (
    {%- for each in var('savings_levers') %}
    select
        '{{ each.lever }}' as lever,
        {{ loop.index }} as place,
        cast({{ each.get('share_percent') or 'null' }} as decimal(38, 12)) as share_percent,
        cast({{ each.get('saving_percent') or 'null' }} as decimal(38, 12)) as saving_percent,
        '{{ each.confidence }}' as confidence,
        '{{ each.of }}' as eligible_are,
        {{ text_literal(each.where) }} as eligible_where
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

used as (
    select
        {{ first_of_month('usage_date') }} as billing_month,
        {{ segment | join(', ') }},
        meter,
        {{ key_of([first_of_month('usage_date')] + segment) }} as segment_key,
        {{ key_of([first_of_month('usage_date')] + segment + ['meter']) }} as row_key,
        cast(sum(quantity) as bigint) as quantity,
        cast(sum(quantity_unpriced) as bigint) as quantity_unpriced,
        cast(sum(structured_quantity) as bigint) as structured_quantity,
        {%- for part in ['cost', 'unlimited', 'whole', 'plain', 'repeated'] %}
        cast(sum({{ part }}_pico) as decimal(38, 0)) as {{ part }}_pico,
        {%- endfor %}
        {%- for field in ['max_tokens', 'stream', 'response_format', 'input_hash'] %}
        cast(sum(tells_{{ field }}) as bigint) as tells_{{ field }},
        {%- endfor %}
        cast(sum(requests) as bigint) as requests
    from uses
    group by {{ first_of_month('usage_date') }}, {{ segment | join(', ') }}, meter
),

last_days as (
    select
        billing_month,
        max(usage_date) as last_day
    from (
        select
            {{ first_of_month('usage_date') }} as billing_month,
            usage_date
        from uses
    ) as days
    group by billing_month
),

-- what the feature's log tells at all
features as (
    select
        billing_month,
        team,
        feature,
        cast(sum(cost_pico) as decimal(38, 0)) as cost_pico,
        cast(sum(quantity_unpriced) as bigint) as quantity_unpriced,
        coalesce(sum(tells_max_tokens) filter (where meter = 'output'), 0) as tells_max_tokens,
        coalesce(sum(tells_stream), 0) as tells_stream,
        coalesce(sum(tells_input_hash) filter (where not is_embedding), 0) as tells_input_hash,
        coalesce(sum(tells_input_hash) filter (where is_embedding), 0) as tells_embedding_hash,
        bool_or(is_embedding) as has_embeddings,
        cast(coalesce(sum(tells_response_format) filter (where meter = 'output'), 0) as bigint) as structured_answers,
        cast(coalesce(sum(requests - tells_response_format) filter (where meter = 'output'), 0) as bigint) as plain_answers,
        cast(coalesce(sum(structured_quantity) filter (where meter = 'output'), 0) as decimal(38, 0)) as structured_tokens,
        cast(coalesce(sum(quantity - structured_quantity) filter (where meter = 'output'), 0) as decimal(38, 0)) as plain_tokens
    from used
    group by billing_month, team, feature
),

-- a plain answer as long as a structured one is now
answers as (
    select
        *,
        case
            when structured_answers > 0 and plain_tokens > 0
                then greatest(
                    {{ whole }} - {{ split_floor(
                        split_floor(whole, 'structured_tokens', 'structured_answers'), 'plain_answers', 'plain_tokens'
                    ) }}, 0
                )
        end as shorter_pico
    from features
),

stated as (
    select
        features.billing_month,
        features.team,
        features.feature,
        levers.lever,
        levers.share_percent,
        levers.saving_percent,
        levers.provider,
        levers.model,
        levers.place,
        levers.confidence,
        row_number() over (
            partition by features.billing_month, features.team, features.feature, levers.lever
            order by {{ glob_rank('levers.feature') }} desc nulls last, levers.line nulls last
        ) as choice
    from features
    inner join {{ source('landing', 'levers') }} as levers on {{ glob_match('features.feature', 'levers.feature') }}
),

targets_stated as (
    select * from stated
    where choice = 1 and lever = 'routing' and model is not null
),

models_used as (
    select distinct billing_month, provider, model from used
    where not is_embedding
),

-- where requests could go: to the model that is named, else to whatever the company uses of their provider
targets as (
    select distinct
        used.segment_key,
        used.row_key,
        used.billing_month,
        used.meter,
        used.quantity,
        used.service_tier,
        used.price_region,
        coalesce(targets_stated.provider, models_used.provider) as provider,
        coalesce(targets_stated.model, models_used.model) as model
    from used
    left join targets_stated
        on
            used.billing_month = targets_stated.billing_month
            and used.team = targets_stated.team
            and used.feature = targets_stated.feature
    left join models_used
        on
            targets_stated.model is null
            and used.billing_month = models_used.billing_month
            and used.provider = models_used.provider
            and used.model <> models_used.model
    where not used.is_embedding and coalesce(targets_stated.model, models_used.model) is not null
),

regions as (
    select distinct provider, model, region from prices
    where region <> '*'
),

asked as (
    select segment_key, row_key, billing_month, 'own' as alternative, provider, model, meter, service_tier, price_region, quantity
    from used
    union all
    select segment_key, row_key, billing_month, 'batch', provider, model, meter, 'batch', price_region, quantity
    from used
    where service_tier = 'standard'
    union all
    select segment_key, row_key, billing_month, 'prompt_cache', provider, model, 'cache_read', service_tier, price_region, quantity
    from used
    where meter = 'input' and not is_embedding
    union all
    select
        targets.segment_key,
        targets.row_key,
        targets.billing_month,
        'routing',
        targets.provider,
        targets.model,
        targets.meter,
        targets.service_tier,
        coalesce(regions.region, '*'),
        targets.quantity
    from targets
    left join regions
        on
            targets.provider = regions.provider
            and targets.model = regions.model
            and targets.price_region = regions.region
),

asked_then as (
    select
        asked.*,
        cast(last_days.last_day as timestamp) as started_at,
        0 as context_quantity
    from asked
    inner join last_days on asked.billing_month = last_days.billing_month
),

answered as (
    select
        asked_then.segment_key,
        asked_then.row_key,
        asked_then.alternative,
        asked_then.provider,
        asked_then.model,
        asked_then.meter,
        {{ cost_pico('asked_then.quantity', 'prices.contracted_pico_per_million') }} as cost_pico
    from asked_then
    left join prices on {{ price_in_force('prices', 'asked_then') }}
),

own as (
    select * from answered
    where alternative = 'own'
),

of_rows as (
    select
        own.row_key,
        answered.alternative,
        {{ whole }} - {{ split_floor(whole, 'answered.cost_pico', 'own.cost_pico') }} as cut_pico
    from own
    inner join answered
        on own.row_key = answered.row_key and answered.alternative in ('batch', 'prompt_cache')
    where own.cost_pico > 0 and answered.cost_pico <= own.cost_pico
),

-- a fee by the request is not asked: the target may have another, or none
of_targets as (
    select
        answered.segment_key,
        answered.provider,
        answered.model,
        case when count(*) = count(answered.cost_pico) then sum(answered.cost_pico) end as cost_pico,
        sum(own.cost_pico) as own_pico
    from answered
    inner join own on answered.row_key = own.row_key
    where answered.alternative = 'routing' and answered.meter <> 'requests'
    group by answered.segment_key, answered.provider, answered.model
),

cheaper as (
    select
        segment_key,
        provider,
        model,
        {{ whole }} - {{ split_floor(whole, 'cost_pico', 'own_pico') }} as cut_pico,
        row_number() over (
            partition by segment_key order by cost_pico nulls last, provider nulls last, model nulls last
        ) as choice
    from of_targets
    where cost_pico < own_pico
),

paired as (
    select
        used.*,
        standard.lever,
        coalesce(stated.place, standard.place) as place,
        standard.place as standard_place,
        coalesce(stated.share_percent, standard.share_percent) as share_percent,
        stated.share_percent as stated_share,
        coalesce(stated.saving_percent, standard.saving_percent) as saving_percent,
        stated.saving_percent as stated_saving,
        stated.lever is not null as is_stated,
        coalesce(stated.confidence, case when stated.lever is not null then 'medium' else standard.confidence end) as confidence,
        case when standard.lever = 'routing' then cheaper.provider || '/' || cheaper.model end as target,
        case standard.lever
            when 'routing' then cheaper.cut_pico
            when 'structured_output' then answers.shorter_pico
            else of_rows.cut_pico
        end as found_cut_pico,
        answers.tells_max_tokens > 0 as knows_limits,
        answers.tells_stream > 0 as knows_streams,
        answers.tells_input_hash > 0 as knows_inputs,
        answers.tells_embedding_hash > 0 as knows_embeddings,
        answers.structured_answers > 0 as knows_formats
    from used
    cross join standard
    inner join answers
        on
            used.billing_month = answers.billing_month
            and used.team = answers.team
            and used.feature = answers.feature
    left join stated
        on
            used.billing_month = stated.billing_month
            and used.team = stated.team
            and used.feature = stated.feature
            and standard.lever = stated.lever
            and stated.choice = 1
    left join of_rows on used.row_key = of_rows.row_key and standard.lever = of_rows.alternative
    left join cheaper on used.segment_key = cheaper.segment_key and cheaper.choice = 1
),

-- of a row's cost: what the lever could touch, how much of it, by how much; NULL is unknown
factors as (
    select
        *,
        case lever
            when 'max_tokens' then
                case
                    when is_embedding or meter <> 'output' then 0
                    when knows_limits then unlimited_pico
                    when is_stated then cost_pico
                end
            when 'routing' then
                case
                    when is_embedding then 0
                    when found_cut_pico is not null or stated_saving is not null then cost_pico
                    else 0
                end
            when 'response_cache' then
                case when is_embedding then 0 when knows_inputs or stated_share is not null then cost_pico end
            when 'prompt_cache' then
                case when found_cut_pico is not null or (stated_saving is not null and meter = 'input' and not is_embedding) then cost_pico else 0 end
            when 'prompt_compression' then case when meter = 'input' and not is_embedding then cost_pico else 0 end
            when 'batch' then
                case
                    when service_tier <> 'standard' or (found_cut_pico is null and stated_saving is null) then 0
                    when stated_share is not null then cost_pico
                    when knows_streams then whole_pico
                end
            when 'embeddings' then
                case when not is_embedding then 0 when knows_embeddings or stated_share is not null then cost_pico end
            when 'structured_output' then
                case
                    when is_embedding or meter <> 'output' then 0
                    when knows_formats then plain_pico
                    when stated_saving is not null then cost_pico
                end
            when 'commitments' then case when service_tier <> 'standard' then 0 when stated_saving is not null then cost_pico end
        end as eligible_part,
        case
            when lever in ('response_cache', 'embeddings') and stated_share is null
                then repeated_pico
            else {{ to_pico('share_percent') }}
        end as share_part,
        case
            when lever in ('response_cache', 'embeddings') and stated_share is null then greatest(cost_pico, 1)
            else {{ hundred }}
        end as share_of,
        case
            when stated_saving is null and found_cut_pico is not null then found_cut_pico
            else {{ at_percent(whole, 'saving_percent') }}
        end as cut_pico
    from paired
),

ordered as (
    select
        row_key,
        billing_month,
        team,
        feature,
        lever,
        cost_pico,
        eligible_part,
        share_part,
        share_of,
        cut_pico,
        is_stated,
        confidence,
        target,
        dense_rank() over (
            partition by billing_month, team, feature order by place nulls last, standard_place nulls last
        ) as step
    from factors
),

-- each on what the levers before it left
applied as (
    select
        row_key,
        0 as step,
        cost_pico as before_pico,
        cast(0 as decimal(38, 0)) as eligible_pico,
        cast(0 as decimal(38, 0)) as touched_pico,
        cast(0 as decimal(38, 0)) as saving_pico
    from used
    union all
    select
        row_key,
        step,
        before_pico,
        eligible_pico,
        touched_pico,
        {{ split_floor('touched_pico', 'cut_pico', whole) }} as saving_pico
    from (
        select
            *,
            {{ split_floor('eligible_pico', 'share_part', 'share_of') }} as touched_pico
        from (
            select
                ordered.row_key,
                ordered.step,
                applied.before_pico - applied.saving_pico as before_pico,
                {{ split_floor(
                    '(applied.before_pico - applied.saving_pico)', 'coalesce(ordered.eligible_part, 0)',
                    'greatest(ordered.cost_pico, 1)'
                ) }} as eligible_pico,
                coalesce(ordered.share_part, 0) as share_part,
                ordered.share_of,
                coalesce(ordered.cut_pico, 0) as cut_pico
            from applied
            inner join ordered on applied.row_key = ordered.row_key and ordered.step = applied.step + 1
        ) as eligible
    ) as touched
),

summed as (
    select
        ordered.billing_month,
        ordered.team,
        ordered.feature,
        ordered.lever,
        ordered.step,
        bool_or(ordered.is_stated) as is_stated,
        max(ordered.confidence) as confidence,
        string_agg(distinct ordered.target, ', ' order by ordered.target nulls last) as target,
        sum(applied.before_pico) as before_pico,
        sum(applied.eligible_pico) as eligible_pico,
        sum(applied.touched_pico) as touched_pico,
        sum(applied.saving_pico) as saving_pico,
        count(*) filter (where ordered.eligible_part is null) as unknown_rows,
        count(*) filter (where ordered.eligible_part > 0) as eligible_rows
    from ordered
    inner join applied on ordered.row_key = applied.row_key and ordered.step = applied.step
    group by ordered.billing_month, ordered.team, ordered.feature, ordered.lever, ordered.step
),

told as (
    select
        summed.*,
        standard.eligible_are,
        standard.eligible_where,
        answers.cost_pico,
        answers.quantity_unpriced,
        case
            when summed.unknown_rows > 0
                then case summed.lever
                    when 'max_tokens' then 'no request of it says max_tokens: nobody knows which have none'
                    when 'batch' then 'no request of it says whether it was streamed: say share_percent in levers.csv'
                    when 'structured_output' then 'no answer of it is structured, to compare with: say saving_percent in levers.csv'
                    when 'commitments' then 'no offer is known: say its saving_percent in levers.csv'
                    else 'no request of it logs input_hash: say share_percent in levers.csv'
                end
            when summed.eligible_rows = 0
                then case summed.lever
                    when 'routing' then 'no cheaper model of its provider is in use: name one in levers.csv'
                    when 'batch' then 'the book has no batch price of its models'
                    when 'prompt_cache' then 'the book has no price of cache reads of its models'
                end
        end as unknown_reason
    from summed
    inner join standard on summed.lever = standard.lever
    inner join answers
        on
            summed.billing_month = answers.billing_month
            and summed.team = answers.team
            and summed.feature = answers.feature
),

final as (
    select
        billing_month,
        team,
        feature,
        lever,
        step as place,
        {{ from_pico('cost_pico') }} as cost,
        quantity_unpriced,
        {{ from_pico('before_pico') }} as cost_before,
        case when unknown_reason is null then {{ from_pico('eligible_pico') }} end as eligible_cost,
        case when unknown_reason is null then {{ from_pico('saving_pico') }} end as saving,
        {{ from_pico('before_pico - saving_pico') }} as cost_after,
        target,
        case
            when unknown_reason is null and eligible_pico > 0
                then
                    coalesce({{ percent_of('touched_pico', 'eligible_pico') }}, 0) || ' % of ' || eligible_are
                    || coalesce(', ' || {{ percent_of('saving_pico', 'touched_pico') }} || ' % less', '')
                    || coalesce(' at ' || target, '')
        end as assumption,
        case
            when is_stated then 'stated'
            when lever in ('response_cache', 'embeddings', 'structured_output') then 'measured'
            else 'assumed'
        end as assumption_basis,
        case when unknown_reason is null then confidence end as confidence,
        unknown_reason,
        'select * from fct_requests where usage_date >= date ''' || billing_month || ''' and usage_date < date '''
        || cast(billing_month + interval 1 month as date) || ''' and team = ''' || replace(team, '''', '''''')
        || ''' and feature = ''' || replace(feature, '''', '''''') || ''' and ' || eligible_where as query
    from told
)

select * from final
