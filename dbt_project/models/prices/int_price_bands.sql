-- One row per price key, context band, volume band and stretch of time in which no line of a list or
-- of contracts.csv starts or ends: list price and contracted price. int_prices_dated joins what
-- follows each other unchanged.
with list_prices as (
    select * from {{ ref('int_list_prices') }}
),

contracts as (
    select * from {{ ref('int_contract_prices') }}
),

periods as (
    {{ periods_of(['list_prices', 'contracts'], ['price_key']) }}
),

listed as (
    select
        {{ all_but('valid_from, valid_to', of='list_prices') }},
        periods.valid_from,
        periods.valid_to,
        lead(list_prices.volume_above) over (
            partition by list_prices.price_key, periods.valid_from, list_prices.context_above
            order by list_prices.volume_above nulls last
        ) as listed_up_to
    from periods
    inner join list_prices on {{ valid_throughout('list_prices', 'periods', ['price_key']) }}
),

negotiated as (
    select
        {{ all_but('valid_from, valid_to', of='contracts') }},
        periods.valid_from,
        periods.valid_to
    from periods
    inner join contracts on {{ valid_throughout('contracts', 'periods', ['price_key']) }}
),

contexts as (
    select distinct price_key, valid_from, context_above from listed
),

-- a band starts where one of the list or of a contract starts
bands as (
    select price_key, valid_from, valid_to, context_above, volume_above from listed
    union
    select
        negotiated.price_key,
        negotiated.valid_from,
        negotiated.valid_to,
        coalesce(contexts.context_above, 0) as context_above,
        negotiated.volume_above
    from negotiated
    left join contexts
        on
            negotiated.price_key = contexts.price_key
            and negotiated.valid_from = contexts.valid_from
),

-- a discount needs a list price, a price of the contract's own does not
candidates as (
    select
        bands.*,
        listed.price_key is not null as is_listed,
        listed.listed_from,
        listed.pico_per_million as list_pico_per_million,
        case
            when negotiated.discount_percent is not null
                then {{ split_floor(
                    'listed.pico_per_million',
                    'cast((100 - negotiated.discount_percent) * 1000000 as decimal(38, 0))',
                    '100000000'
                ) }}
            else negotiated.contract_pico_per_million
        end as negotiated_pico_per_million,
        listed.source,
        listed.source_version,
        listed.checked_on,
        negotiated.contract_rank
    from bands
    left join listed
        on
            bands.price_key = listed.price_key
            and bands.valid_from = listed.valid_from
            and bands.context_above = listed.context_above
            and listed.volume_above <= bands.volume_above
            and (listed.listed_up_to is null or bands.volume_above < listed.listed_up_to)
    left join negotiated
        on
            bands.price_key = negotiated.price_key
            and bands.valid_from = negotiated.valid_from
            and negotiated.volume_above <= bands.volume_above
),

chosen as (
    select
        *,
        row_number() over (
            partition by price_key, valid_from, context_above, volume_above
            order by
                case when negotiated_pico_per_million is null then 1 else 0 end nulls last,
                contract_rank nulls last
        ) as choice
    from candidates
    where is_listed or negotiated_pico_per_million is not null
),

context_edges as (
    select
        price_key,
        valid_from,
        context_above,
        lead(context_above) over (
            partition by price_key, valid_from order by context_above nulls last
        ) as context_up_to
    from (select distinct price_key, valid_from, context_above from chosen) as edges
),

final as (
    select
        chosen.price_key,
        chosen.valid_from,
        chosen.valid_to,
        chosen.context_above,
        context_edges.context_up_to,
        chosen.volume_above,
        lead(chosen.volume_above) over (
            partition by chosen.price_key, chosen.valid_from, chosen.context_above
            order by chosen.volume_above nulls last
        ) as volume_up_to,
        chosen.list_pico_per_million,
        coalesce(chosen.negotiated_pico_per_million, chosen.list_pico_per_million)
            as contracted_pico_per_million,
        coalesce(chosen.source, 'contracts.csv') as source,
        chosen.source_version,
        chosen.checked_on,
        chosen.listed_from
    from chosen
    inner join context_edges
        on
            chosen.price_key = context_edges.price_key
            and chosen.valid_from = context_edges.valid_from
            and chosen.context_above = context_edges.context_above
    where chosen.choice = 1
)

select * from final
