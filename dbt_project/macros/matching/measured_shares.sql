{# Shares of a part by quantity, each with what all of the part's matches have together, where the charge
   names no one model and meter and all that it takes is priced. #}
{% macro with_contracted_cost(shares) -%}
    select
        shares.*,
        costed.explained_pico,
        costed.explained_contracted_pico
    from {{ shares }} as shares
    inner join (
        select
            part_id,
            sum(billed_pico) as explained_pico,
            sum(contracted_pico) as explained_contracted_pico
        from {{ shares }}
        where cell_id is not null
        group by part_id
        having count(*) = count(contracted_pico) and sum(contracted_pico) > 0
    ) as costed
        on shares.part_id = costed.part_id
    where shares.cell_id is not null
{%- endmacro %}

{# The shares, those of `costed` split again: what requests explain of a charge stays, each has what it
   costs. #}
{% macro by_contracted_cost(shares, costed) -%}
    select
        shares.part_id,
        shares.part_pico,
        shares.part_quantity,
        shares.cell_id,
        shares.cell_meter,
        shares.match_order,
        shares.match_level,
        shares.quantity,
        shares.billed_pico,
        'quantity' as allocation_method
    from {{ shares }} as shares
    where shares.cell_id is null or shares.part_id not in (select part_id from {{ costed }})
    union all
    select
        part_id,
        part_pico,
        part_quantity,
        cell_id,
        cell_meter,
        match_order,
        match_level,
        quantity,
        costed_pico as billed_pico,
        'contracted_cost' as allocation_method
    from (
        {{ split_exactly(
            costed, 'explained_pico', 'contracted_pico', 'explained_contracted_pico', 'part_id',
            ['cell_id', 'cell_meter', 'match_order'], 'costed_pico'
        ) }}
    ) as shares
{%- endmacro %}
