{{ config(materialized='view') }}
-- One row per model name, price, price region and fee that decides requests, with its validity. Only
-- of names and models that logs or bills have, and since they do: a new one rebuilds no old day.
with model_names as (
    select * from {{ ref('int_model_names') }}
    where first_seen is not null
),

models_named as (
    select
        provider,
        model,
        min(greatest(first_seen, valid_from)) as named_from
    from model_names
    group by provider, model
),

final as (
    select
        valid_from,
        valid_to,
        {{ key_of(["'model'", 'provider', 'raw_model', 'model', 'source']) }} as row_hash,
        first_seen as named_from
    from model_names
    {%- for kind, relation, columns in [
        ('price', ref('int_prices_dated'),
         ['dated.price_id', 'dated.list_pico_per_million', 'dated.contracted_pico_per_million']),
        ('price region', ref('int_price_regions'), ['dated.provider', 'dated.model', 'dated.region']),
        ('request fee', ref('int_request_fees'), ['dated.provider', 'dated.model', 'dated.region']),
    ] %}
    union all
    select
        dated.valid_from,
        dated.valid_to,
        {{ key_of(["'" ~ kind ~ "'"] + columns) }},
        models_named.named_from
    from {{ relation }} as dated
    inner join models_named
        on dated.provider = models_named.provider and dated.model = models_named.model
    {%- endfor %}
)

select * from final
