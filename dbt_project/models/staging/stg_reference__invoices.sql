-- One row per row of invoices.csv: what it adds to its month, and what it moves on the account's balance of
-- credits. A top-up adds its tax alone, for the rest is a balance; a free grant adds nothing; credits that expired
-- add what was paid for them, as they have become a loss. What the balance paid of the month's usage
-- (`drawdown`) adds as much as usage that is still to be paid: money of an earlier month pays it.
with invoices as (
    select * from {{ source('landing', 'invoices') }}
),

kinds as (
    select
        {{ all_but('kind, amount, tax, credits') }},
        coalesce(kind, 'usage') as kind,
        amount as stated_amount,
        coalesce(tax, 0) as stated_tax,
        -- free credits in it: of a top-up a bonus, else what was drawn or has expired of grants
        -coalesce(credits, 0) as free_amount,
        case kind
            when 'grant' then 0
            when 'prepaid' then coalesce(tax, 0)
            else amount
        end as amount,
        case when kind not in ('grant', 'prepaid', 'expiry') or kind is null then tax end as tax,
        case when kind not in ('grant', 'prepaid', 'expiry') or kind is null then credits end as credits
    from invoices
),

final as (
    select
        {{ all_but('stated_amount, stated_tax, free_amount') }},
        -- beside usage on the month's invoice, each a charge of its own
        kind in ('commitment', 'shortfall', 'prepaid', 'grant', 'expiry', 'fee') as is_payment,
        kind in ('prepaid', 'grant', 'expiry', 'fee') as is_of_balance,
        kind not in ('prepaid', 'grant', 'expiry') or amount <> 0 as is_payable,
        case when kind = 'prepaid' then stated_amount - stated_tax else 0 end as topped_up,
        case kind when 'grant' then stated_amount when 'prepaid' then free_amount else 0 end as granted,
        {%- for moved, kind in [('drawn', 'drawdown'), ('expired', 'expiry')] %}
        case when kind = '{{ kind }}' then stated_amount + free_amount else 0 end as {{ moved }},
        case when kind = '{{ kind }}' then free_amount else 0 end as {{ moved }}_free{{ ',' if not loop.last }}
        {%- endfor %}
    from kinds
)

select * from final
