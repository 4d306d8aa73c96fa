-- Fails if a row of the reconciliation is not what the invoices and the allocations say, each summed
-- here again: allocated + foreign services + unexplained is the invoice, without an invoice nothing is unexplained. A payment for
-- a commitment alone is no invoice of a month whose bill has money, nor is a top-up's tax, a fee or what expired. A row in another currency than its
-- month's is none, nor is one of all services where the bill has AI's alone. In the bill's currency the same holds; the invoice's rate is that of its charges.
-- It fails, too, if a rounding that no bill says is larger than half a cent a bill line (other services: one line), or than one unit of
-- currency, in the currency of the bill. What converting line by line leaves is told by
-- assert_charges_are_converted_at_the_rate_of_their_month.
with bills as (
    select
        provider,
        billing_account_id as billing_account,
        billing_month,
        bool_or(charge_kind not in ('seats', 'overage')) as has_usage
    from {{ ref('fct_charges') }}
    where source not in ('invoices.csv', 'capacity.csv') and billed_cost <> 0
    group by provider, billing_account_id, billing_month
),

foreign_services as (
    select provider, billing_account, billing_month, billing_currency, sum(billed_cost_in_billing_currency) as cost
    from {{ ref('stg_landing__foreign_charges') }}
    group by all
),

-- a top-up and a grant are a balance: of the former its tax is the month's
stated as (
    select
        {{ all_but('kind, amount') }},
        coalesce(kind, 'usage') as kind,
        case kind when 'prepaid' then coalesce(tax, 0) when 'grant' then 0 else amount end as amount
    from {{ source('landing', 'invoices') }}
),

papers as (
    select
        invoices.provider,
        invoices.billing_account,
        invoices.billing_month,
        bool_or(kind in ('usage', 'drawdown')) as has_usage,
        bool_or(kind = 'seats') as has_seats,
        sum(amount) as amount_in_billing_currency,
        {{ from_pico(converted(to_pico('sum(amount)'), 'max(rate_pico)')) }} as amount,
        coalesce(max(cost) filter (where covers = 'all'), 0) as foreign_in_billing_currency,
        {{ from_pico(converted(to_pico("coalesce(max(cost) filter (where covers = 'all'), 0)"), 'max(rate_pico)')) }}
            as foreign_cost
    from stated as invoices
    left join {{ ref('int_billing_currencies') }} as currencies using (provider, billing_account, billing_month)
    left join foreign_services
        on
            invoices.provider = foreign_services.provider
            and invoices.billing_account = foreign_services.billing_account
            and invoices.billing_month = foreign_services.billing_month
            and invoices.currency = foreign_services.billing_currency
    where
        (kind not in ('prepaid', 'grant', 'expiry') or amount <> 0)
        and (coalesce(covers, 'ai') = 'ai' or cost is not null)
        and {{ is_convertible('invoices.currency', 'currencies') }}
    group by invoices.provider, invoices.billing_account, invoices.billing_month
),

paper as (
    select {{ all_but('has_usage, has_seats', of='papers') }}
    from papers
    left join bills using (provider, billing_account, billing_month)
    where papers.has_usage or bills.provider is null or (papers.has_seats and not bills.has_usage)
),

invoices as (
    select * from paper
    union all
    select
        capacity.provider,
        capacity.billing_account,
        capacity.billing_month,
        {{ from_pico('capacity.invoice_pico') }},
        {{ from_pico('capacity.invoice_pico') }},
        0,
        0
    from {{ ref('int_capacity_invoices') }} as capacity
    left join paper using (provider, billing_account, billing_month)
    where paper.amount is null
),

allocated as (
    select
        provider,
        billing_account,
        billing_month,
        sum(billed_cost) as cost,
        sum(billed_cost_in_billing_currency) as cost_in_billing_currency
    from {{ ref('fct_cost_allocations') }}
    group by provider, billing_account, billing_month
),

reconciliation as (
    select * from {{ ref('mart_reconciliation_monthly') }}
)

select
    'is not the invoice' as problem,
    reconciliation.provider,
    reconciliation.billing_account,
    reconciliation.billing_month,
    reconciliation.unexplained as amount
from reconciliation
left join invoices
    on
        reconciliation.provider = invoices.provider
        and reconciliation.billing_account = invoices.billing_account
        and reconciliation.billing_month = invoices.billing_month
left join allocated
    on
        reconciliation.provider = allocated.provider
        and reconciliation.billing_account = allocated.billing_account
        and reconciliation.billing_month = allocated.billing_month
where
    reconciliation.invoice_amount is distinct from invoices.amount
    or reconciliation.allocated <> coalesce(allocated.cost, 0)
    or reconciliation.billed <> reconciliation.allocated
    or reconciliation.foreign_services <> coalesce(invoices.foreign_cost, 0)
    or reconciliation.unexplained
    is distinct from invoices.amount - coalesce(allocated.cost, 0) - invoices.foreign_cost
    or reconciliation.invoice_amount_in_billing_currency is distinct from invoices.amount_in_billing_currency
    or reconciliation.unexplained_in_billing_currency
    is distinct from invoices.amount_in_billing_currency
    - coalesce(allocated.cost_in_billing_currency, 0)
    - invoices.foreign_in_billing_currency
    or (reconciliation.unexplained = 0) <> (reconciliation.unexplained_in_billing_currency = 0)
    or (reconciliation.invoice_status = 'tied') <> coalesce(reconciliation.unexplained = 0, false)
    or (reconciliation.invoice_status = 'missing') <> (invoices.amount is null)
union all
select
    'too large to be rounding',
    reconciliation.provider,
    reconciliation.billing_account,
    reconciliation.billing_month,
    charges.billed_cost_in_billing_currency
from reconciliation
inner join {{ ref('fct_charges') }} as charges
    on
        reconciliation.provider = charges.provider
        and reconciliation.billing_account = charges.billing_account_id
        and reconciliation.billing_month = charges.billing_month
where
    charges.charge_kind = 'rounding'
    and charges.source = 'invoices.csv'
    and abs(charges.billed_cost_in_billing_currency)
    > least(
        (reconciliation.bill_lines + case when reconciliation.foreign_services = 0 then 0 else 1 end)
        * cast(0.005 as decimal(38, 12)),
        1
    )
