-- One row per part of a charge x cell of its account that does not know its own key, while credentials.csv
-- gives the part's key, on that day, to another team or feature than the cell's. is_allowed: the gateway of
-- the cell is said to use the key, by deployments.csv or its entry in tollbook.yaml: then the cell may
-- take of the part after all others; else never. The owner of a part is its key's, else its
-- sub-account's, which withholds nothing from cells that know the sub-account. A row that says neither team nor
-- feature is no owner. A cell's own owner agrees in what both say, and in at least one.
with owners as (
    select * from {{ ref('int_credentials_owned') }}
    where {{ any_accountable('is not null') }}
),

parts_read as (
    select distinct parts.part_id
    from {{ ref('int_charge_parts') }} as parts
    inner join {{ ref('int_months_in_hand') }} as months
        on {{ is_read_by_month('parts', 'months.billing_month') }}
),

parts as (
    select
        *,
        not {{ is_longer_than_a_day('charge_parts') }} as is_within_a_day,
        {{ each_day(
            'cast(charge_period_start - interval 24 hour as date)',
            'cast(charge_period_end + interval 24 hour - interval 1 microsecond as date) + interval 1 day',
        ) }} as seen_on
    from {{ ref('int_charge_parts') }} as charge_parts
    where
        charge_category = 'Usage'
        and part_id in (select part_id from parts_read)
        and (
            (source, credential_id) in (select source, credential_id from owners)
            or (source, sub_account) in (select source, credential_id from owners)
        )
),

keyless_cells as (
    select * from {{ ref('int_cells_in_hand') }}
    where credential_id is null and pool is null
),

spellings as (
    select * from {{ ref('int_spellings') }}
),

deployments as (
    select * from {{ source('landing', 'deployments') }}
),

entries as (
    select
        source,
        {{ each_text('credential_globs') }} as credential_glob
    from {{ source('landing', 'sources') }}
    where kind = 'gateway' and credential_globs <> ''
),

-- the cell's day: of bills by the day or hour the billed one, else its own
pairs as (
    select
        parts.part_id,
        parts.source,
        parts.credential_id,
        parts.sub_account,
        cells.cell_id,
        cells.keyless_gateway as gateway,
        {{ owner_columns('cells', dimensions=accountable_owners()) }},
        cells.sub_account as cell_sub_account,
        case
            when parts.is_within_a_day
                then {{ billed_date('parts.charge_period_start', 'parts.charge_period_end') }}
            else cast(cells.usage_hour as date)
        end as owned_on
    from parts
    inner join keyless_cells as cells
        on
            parts.provider = cells.provider
            and parts.billing_account = cells.billing_account
            and parts.seen_on = cast(cells.usage_hour as date)
            and (parts.model = cells.model or parts.model is null)
            and (parts.sub_account = cells.sub_account or parts.sub_account is null or cells.sub_account is null)
            and parts.charge_period_start - interval 24 hour <= cells.usage_hour
            and cells.usage_hour < parts.charge_period_end + interval 24 hour
),
{% for owner, credential in [('key_owners', 'credential_id'), ('sub_account_owners', 'sub_account')] %}
{{ owner }} as (
    select
        pairs.part_id,
        pairs.cell_id,
        '{{ credential }}' as owned_by,
        {{ owner_columns('owners', dimensions=accountable_owners()) }},
        greatest(owners.valid_from, pairs.owned_on) as owned_from
    from pairs
    inner join owners
        on
            pairs.source = owners.source
            and pairs.{{ credential }} = owners.credential_id
            and owners.valid_from < pairs.owned_on + interval 1 day
            and pairs.owned_on < owners.valid_to
    {%- if owner == 'sub_account_owners' %}
    left join (select distinct part_id, cell_id from key_owners) as owned
        on pairs.part_id = owned.part_id and pairs.cell_id = owned.cell_id
    where pairs.cell_sub_account is null and owned.part_id is null
    {%- endif %}
),
{% endfor %}
said as (
    select * from key_owners
    union all
    select * from sub_account_owners
),

named as (
    select
        said.part_id,
        said.cell_id,
        said.owned_by
        {%- for dimension in accountable_owners() %},
        lower(coalesce({{ dimension }}_spelling.value, said.{{ dimension }})) as {{ dimension }}
        {%- endfor %}
    from said
    {{ join_spellings('said', at='said.owned_from', dimensions=accountable_owners()) }}
),

-- who owned the key in any hour of the day had it on that day
others as (
    select
        pairs.part_id,
        pairs.cell_id,
        pairs.gateway,
        pairs.credential_id,
        pairs.sub_account,
        pairs.owned_on,
        named.owned_by
    from named
    inner join pairs on named.part_id = pairs.part_id and named.cell_id = pairs.cell_id
    group by
        pairs.part_id,
        pairs.cell_id,
        pairs.gateway,
        pairs.credential_id,
        pairs.sub_account,
        pairs.owned_on,
        named.owned_by
    having not bool_or(
        {%- for dimension in accountable_owners() %}
        coalesce(
            named.{{ dimension }} = lower(pairs.{{ dimension }}) or pairs.{{ dimension }} = '__unallocated__', true
        ) and
        {%- endfor %}
        (
            {%- for dimension in accountable_owners() %}
            {{ 'or ' if not loop.first }}coalesce(named.{{ dimension }} = lower(pairs.{{ dimension }}), false)
            {%- endfor %}
        )
    )
),

allowed as (
    select distinct
        others.part_id,
        others.cell_id
    from others
    inner join deployments
        on
            others.gateway = deployments.gateway
            and (
                others.credential_id = deployments.provider_credential_id
                or (others.owned_by = 'sub_account' and others.sub_account = deployments.sub_account)
            )
            and deployments.valid_from < others.owned_on + interval 1 day
            and others.owned_on < deployments.valid_to
    union
    select
        others.part_id,
        others.cell_id
    from others
    inner join entries
        on
            others.gateway = entries.source
            and (
                {{ glob_match('others.credential_id', 'entries.credential_glob') }}
                or (
                    others.owned_by = 'sub_account'
                    and {{ glob_match('others.sub_account', 'entries.credential_glob') }}
                )
            )
),

final as (
    select
        others.part_id,
        others.cell_id,
        allowed.part_id is not null as is_allowed
    from others
    left join allowed on others.part_id = allowed.part_id and others.cell_id = allowed.cell_id
)

select * from final
