-- One row per day of use with the hash of everything that decides its requests: the kept records,
-- the reference rows in force on that day, the workspace's settings and the rules themselves.
-- Dirtiness is derived from it: a day whose hash a model was not built from is built again.
with kept as (
    select * from {{ ref('int_requests_kept') }}
),

model_names as (
    select * from {{ ref('stg_landing__model_names') }}
),

record_hashes as (
    select
        usage_date,
        count(*) as requests,
        bit_xor(hash(source, request_key, content_hash)) as records_hash
    from kept
    group by usage_date
),

reference_rows as (
    select valid_from, valid_to, {{ key_of(["'team'", 'team_id', 'team_name', 'cost_center']) }} as row_hash
    from {{ ref('stg_reference__teams') }}
    union all
    select
        valid_from,
        valid_to,
        {{ key_of(["'credential'", 'source', 'credential_id', 'team_id', 'feature', 'environment']) }}
    from {{ ref('stg_reference__credentials') }}
    union all
    select
        valid_from,
        valid_to,
        {{ key_of(["'customer'", 'customer_id', 'tier', 'plan', 'converted']) }}
    from {{ ref('stg_reference__customers') }}
    union all
    select
        valid_from,
        valid_to,
        {{ key_of(["'price'", 'price_id', 'list_pico_per_million', 'contracted_pico_per_million']) }}
    from {{ ref('int_prices_dated') }}
    -- only models that logs or bills name: a new price of another model rebuilds nothing
    where concat(provider, '/', model) in (select concat(provider, '/', model) from model_names)
    union all
    select valid_from, valid_to, {{ key_of(["'price region'", 'provider', 'model', 'region']) }}
    from {{ ref('int_price_regions') }}
    where concat(provider, '/', model) in (select concat(provider, '/', model) from model_names)
    union all
    select
        timestamp '0001-01-01' as valid_from,
        timestamp '9999-12-31' as valid_to,
        {{ key_of(["'deployment'", 'gateway', 'deployment_id', 'provider', 'billing_account', 'sub_account', 'provider_credential_id', 'region']) }}
    from {{ ref('stg_reference__deployments') }}
    union all
    select
        timestamp '0001-01-01' as valid_from,
        timestamp '9999-12-31' as valid_to,
        {{ key_of(["'alias'", 'dimension', 'raw', 'value']) }}
    from {{ ref('stg_reference__aliases') }}
    union all
    select
        timestamp '0001-01-01' as valid_from,
        timestamp '9999-12-31' as valid_to,
        {{ key_of(["'model'", 'provider', 'raw_model', 'model', 'source']) }}
    from model_names
    union all
    select
        timestamp '0001-01-01' as valid_from,
        timestamp '9999-12-31' as valid_to,
        {{ key_of(["'source'", 'source', 'provider', 'billing_account', 'role']) }}
    from {{ ref('stg_landing__sources') }}
),

-- of a row's validity only what a day can see: a change from a day on leaves earlier days alone. A
-- batch is dated by its completion and priced as of its start, up to a week before.
reference_hashes as (
    select
        record_hashes.usage_date,
        bit_xor(hash(
            reference_rows.row_hash,
            greatest(reference_rows.valid_from, record_hashes.usage_date - interval 8 day),
            least(reference_rows.valid_to, record_hashes.usage_date + interval 1 day)
        )) as reference_hash
    from record_hashes
    left join reference_rows
        on
            reference_rows.valid_from < record_hashes.usage_date + interval 1 day
            and reference_rows.valid_to > record_hashes.usage_date - interval 8 day
    group by record_hashes.usage_date
),

final as (
    select
        record_hashes.usage_date,
        record_hashes.requests,
        md5(concat_ws(
            '|',
            record_hashes.requests,
            record_hashes.records_hash,
            reference_hashes.reference_hash,
            '{{ local_md5(tojson(var("attribution"), sort_keys=true) ~ var("timezone")) }}',
            '{{ var("rules_version") }}'
        )) as day_hash
    from record_hashes
    inner join reference_hashes on record_hashes.usage_date = reference_hashes.usage_date
)

select * from final
