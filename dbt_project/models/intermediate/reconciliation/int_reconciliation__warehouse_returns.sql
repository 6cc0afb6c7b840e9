-- What warehouse partners did with the goods of a return, all parcels of it together.
{{ config(materialized='view') }}

with goods as (
    select * from {{ ref('int_reconciliation__returned_goods') }}
    where system = 'threepl'
),

-- What is done with goods, as the movements of stock say: the shelf is where they can be sold again.
restocked as (
    select
        partner,
        reference,
        min(occurred_at) as first_restocked_at,
        max(occurred_at) as last_restocked_at
    from {{ ref('stg_threepl__movements') }}
    where kind = 'return' and quantity > 0
    group by partner, reference
),

lines_of_partner as (
    select
        partner,
        return_id,
        sum(expected_quantity) as expected_units,
        {% for disposition in ['restock', 'quarantine', 'dispose', 'refurbish'] -%}
        sum(case when disposition = '{{ disposition }}' then coalesce(processed_quantity, received_quantity) else 0 end)
            as {{ disposition }}_units,
        {% endfor -%}
        sum(received_quantity) as received_units
    from {{ ref('stg_threepl__return_lines') }}
    group by partner, return_id
),

final as (
    select
        goods.shop,
        goods.return_key,
        min(returns.partner) as partner,
        min(returns.warehouse_code) as warehouse_code,
        min(returns.rma_number) as rma_number,
        min(returns.received_at) as received_at,
        max(returns.completed_at) as completed_at,
        min(restocked.first_restocked_at) as first_restocked_at,
        max(restocked.last_restocked_at) as last_restocked_at,
        {% for measure in ['received', 'restock', 'quarantine', 'dispose', 'refurbish'] -%}
        sum(lines_of_partner.{{ measure }}_units) as {{ measure }}_units,
        {% endfor -%}
        sum(lines_of_partner.expected_units) as expected_units
    from goods
    inner join {{ ref('stg_threepl__returns') }} as returns
        on goods.connection = returns.partner and goods.document_id = returns.return_id
    left join lines_of_partner
        on returns.partner = lines_of_partner.partner and returns.return_id = lines_of_partner.return_id
    left join restocked on returns.partner = restocked.partner and returns.rma_number = restocked.reference
    group by goods.shop, goods.return_key
)

select * from final
