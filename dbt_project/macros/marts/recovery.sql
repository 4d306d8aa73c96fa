{# What rate_card.csv charges for something: from whom, and for which account's use. #}
{% macro recovered_from(relation=none) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- for name in ['billing_month', 'provider', 'billing_account', 'team', 'cost_center', 'feature'] -%}
    {{ prefix }}{{ name }}{{ ', ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# Requests of the customers that the card names: by their own ids, else as customers.csv calls them. A card
   without customers has no day, and reads no request. #}
{% macro requests_of_customers(requests, rates, days) -%}
    with named as (
        select distinct scope_id as customer from {{ rates }}
        where scope = 'customer'
    )

    {% for name in ['customer_id', 'customer'] -%}
    select
        requests.request_key,
        requests.usage_date,
        requests.cell_id,
        named.customer,
        requests.status = 'success' and requests.is_tool_call is not true as is_answered
    from {{ requests }} as requests
    inner join named on requests.{{ name }} = named.customer
    inner join {{ days }} as days on requests.usage_date = days.usage_date
    {%- if name == 'customer' %}
    where
        requests.customer <> requests.customer_id
        and requests.customer_id not in (select customer from named)
    {%- else %}
    union all
    {%- endif %}
    {% endfor %}
{%- endmacro %}

{# Of each line that requests explain what is a customer's: by its part of the cell's quantity, rounded to the line's side. #}
{% macro customers_shares(lines, allocations, customers_meters, cell_meters) -%}
    select
        {{ recovered_from('lines') }},
        lines.usage_date,
        lines.component,
        lines.meter,
        of_customer.customer,
        {%- for amount, name in [(to_pico('lines.amount'), 'amount_pico'), ('lines.quantity', 'quantity')] %}
        case when {{ amount }} < 0 then -1 else 1 end
        * {{ split_floor('abs(' ~ amount ~ ')', 'of_customer.quantity', 'of_cell.quantity') }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ customers_meters }} as of_customer
    inner join {{ cell_meters }} as of_cell
        on
            of_customer.cell_id = of_cell.cell_id
            and of_customer.usage_date = of_cell.usage_date
            and of_customer.meter = of_cell.meter
    inner join {{ allocations }} as allocations
        on
            of_customer.cell_id = allocations.cell_id
            and of_customer.usage_date = allocations.usage_date
            and of_customer.meter = allocations.cell_meter
    inner join {{ lines }} as lines on allocations.allocation_id = lines.allocation_id
    where lines.component = 'direct' and of_cell.quantity > 0
{%- endmacro %}
