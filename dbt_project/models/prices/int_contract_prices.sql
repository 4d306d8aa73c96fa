-- One row per price key and line of contracts.csv that applies to it. contract_rank: 1 goes first;
-- literal before glob, longer glob before shorter, then the higher volume band. A contract's own
-- price applies also where no list has one.
with contracts as (
    select
        line,
        provider,
        coalesce(model, '*') as model,
        coalesce(meter, '*') as meter,
        coalesce(service_tier, '*') as service_tier,
        volume_above,
        discount_percent,
        {{ to_pico('unit_price_per_million') }} as contract_pico_per_million,
        valid_from,
        valid_to
    from {{ source('landing', 'contracts') }}
),

listed as (
    select distinct price_key, provider, model, meter, service_tier, region
    from {{ ref('int_list_prices') }}
),

models as (
    select provider, model from contracts
    where instr(model, '*') = 0
    union
    select provider, model from {{ ref('int_model_names') }}
),

regions as (
    select provider, model, region from {{ ref('int_price_regions') }}
    union all
    select provider, model, '*' as region from models
),

-- a glob over meters means tokens: a price per million of them is none of a search or a request
meters as (
    {%- for meter in var('meters') %}
    select '{{ meter }}' as meter, {{ meter_unit("'" ~ meter ~ "'") }} as unit
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    union
    select meter, {{ meter_unit('meter') }} from contracts
    where instr(meter, '*') = 0
),

tiers as (
    {%- for tier in var('service_tiers') %}
    select '{{ tier }}' as service_tier
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    union
    select service_tier from contracts
    where instr(service_tier, '*') = 0
),

priced as (
    select distinct
        {{ key_of([
            'regions.provider', 'regions.model', 'meters.meter', 'tiers.service_tier',
            'regions.region',
        ]) }} as price_key,
        regions.provider,
        regions.model,
        meters.meter,
        tiers.service_tier,
        regions.region
    from contracts
    inner join regions
        on
            contracts.provider = regions.provider
            and {{ glob_match('regions.model', 'contracts.model') }}
    inner join meters
        on
            {{ glob_match('meters.meter', 'contracts.meter') }}
            and (meters.meter = contracts.meter or meters.unit = 'token')
    inner join tiers on {{ glob_match('tiers.service_tier', 'contracts.service_tier') }}
    where contracts.contract_pico_per_million is not null
),

keys as (
    select * from listed
    union
    select * from priced
),

matched as (
    select
        keys.*,
        contracts.line,
        contracts.volume_above,
        contracts.discount_percent,
        contracts.contract_pico_per_million,
        contracts.valid_from,
        contracts.valid_to,
        {{ glob_rank('contracts.model') }} as model_rank,
        {{ glob_rank('contracts.meter') }} as meter_rank,
        {{ glob_rank('contracts.service_tier') }} as tier_rank
    from keys
    inner join contracts
        on
            keys.provider = contracts.provider
            and {{ glob_match('keys.model', 'contracts.model') }}
            and {{ glob_match('keys.meter', 'contracts.meter') }}
            and {{ glob_match('keys.service_tier', 'contracts.service_tier') }}
),

final as (
    select
        {{ all_but('model_rank, meter_rank, tier_rank') }},
        row_number() over (
            partition by price_key
            order by
                model_rank desc nulls last,
                meter_rank desc nulls last,
                tier_rank desc nulls last,
                volume_above desc nulls last,
                line nulls last
        ) as contract_rank
    from matched
)

select * from final
