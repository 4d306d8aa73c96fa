-- One row per charge that says no quantity x credential: what it counts by the provider's own usage
-- report, key by key. Lines of the same keys share one unit of use: the largest has the
-- quantity, the others (a surcharge) follow it; money back has none. A key that one side does not carry
-- agrees with any, after the rows that agree in all; such a row is shared by money. So does the model of
-- a tool, whose unit has one price whoever called it. Nothing is counted twice.
with charges as (
    select
        *,
        {{ says_speed('int_charges') }} as says_speed,
        {{ key_of([
            'source', 'charge_period_start', 'charge_period_end', 'credential_id', 'sub_account', 'model',
            'meter', 'service_tier', 'context_band', 'region',
        ]) }} as bridge_key
    from {{ ref('int_charges') }} as int_charges
),

unmeasured as (
    select * from charges
    where
        consumed_quantity is null
        and meter is not null
        and (model is not null or not {{ is_token_meter('meter') }})
        and billed_pico >= 0
),

ranked as (
    select
        *,
        first_value(charge_id) over (
            partition by bridge_key order by billed_pico desc nulls last, charge_id nulls last
        ) as main_charge_id
    from unmeasured
),

mains as (
    select * from ranked
    where charge_id = main_charge_id
),

model_names as (
    select * from {{ ref('int_model_names') }}
),

usage as (
    select
        usage.source,
        usage.bucket_start,
        usage.bucket_end,
        usage.sub_account_id as sub_account,
        usage.credential_id,
        coalesce(model_names.model, {{ spelled('usage.model') }}) as model,
        usage.meter,
        usage.service_tier,
        usage.context_band,
        usage.region,
        sum(usage.quantity) as quantity
    from {{ ref('stg_landing__provider_usage') }} as usage
    left join model_names
        on
            {{ model_named('model_names', 'usage.provider', 'usage.model', 'usage.bucket_start') }}
    group by all
),

keyed as (
    select
        *,
        {{ key_of([
            'source', 'bucket_start', 'bucket_end', 'sub_account', 'credential_id', 'model', 'meter',
            'service_tier', 'context_band', 'region',
        ]) }} as usage_key
    from usage
    where quantity > 0
),
{% for step in ['exact', 'open'] %}
{{ step }} as (
    select
        mains.charge_id,
        greatest(mains.billed_pico, 1) as weight,
        keyed.usage_key,
        coalesce(mains.credential_id, keyed.credential_id) as credential_id,
        keyed.quantity
        {%- if step == 'open' %},
        mains.charge_id in (select charge_id from exact) as is_served
        {%- endif %}
    from mains
    inner join keyed
        on
            mains.source = keyed.source
            and (mains.model = keyed.model or mains.model is null)
            and mains.meter = keyed.meter
            and mains.charge_period_start <= keyed.bucket_start
            and keyed.bucket_end <= mains.charge_period_end
            and (
                mains.credential_id = keyed.credential_id
                or mains.credential_id is null
                {%- if step == 'open' %}
                or keyed.credential_id is null
                {%- endif %}
            )
            {%- for key in ['sub_account', 'service_tier', 'context_band', 'region'] %}
            {%- if step == 'exact' %}
            and coalesce(mains.{{ key }}, '~') = coalesce(keyed.{{ key }}, '~')
            {%- else %}
            and (
                mains.{{ key }} = keyed.{{ key }}
                or mains.{{ key }} is null
                or keyed.{{ key }} is null
                {%- if key == 'service_tier' %}
                or {{ is_untold_speed('mains', 'keyed') }}
                {%- endif %}
            )
            {%- endif %}
            {%- endfor %}
    {%- if step == 'open' %}
    where keyed.usage_key not in (select usage_key from exact)
    {%- endif %}
),
{% endfor %}
-- lines that no row agrees with in all keys go before those that some do
first_open as (
    select {{ all_but('is_served') }}
    from (
        select
            *,
            bool_and(is_served) over (partition by usage_key) as all_served
        from open
    ) as candidates
    where all_served or not is_served
),

pairs as (
    select *, sum(weight) over (partition by usage_key) as total_weight
    from (
        select * from exact
        union all
        select {{ all_but('all_served') }} from first_open
    ) as found
),

shared as (
    {{ split_exactly(
        'pairs', 'quantity', 'weight', 'total_weight', 'usage_key', 'charge_id', 'charge_quantity'
    ) }}
),

bridged as (
    select
        charge_id as main_charge_id,
        credential_id,
        cast(sum(charge_quantity) as bigint) as quantity
    from shared
    group by charge_id, credential_id
    having sum(charge_quantity) > 0
),

final as (
    select
        ranked.charge_id,
        bridged.credential_id,
        ranked.main_charge_id,
        ranked.billed_pico,
        bridged.quantity
    from ranked
    inner join bridged on ranked.main_charge_id = bridged.main_charge_id
)

select * from final
