-- What the ERP says of an item, and can not be: two factors at a time, prices with holes, no cost.
with items as (
    select * from {{ ref('stg_erp__items') }}
    where is_active
),

factors as (
    select
        one.erp as shop,
        one.erp,
        one.sku,
        cast({{ later('min(one.valid_from)', 'min(other.valid_from)') }} as {{ type_instant() }}) as valid_from,
        min(one.unit_factor) as unit_factor,
        max(other.unit_factor) as other_unit_factor
    from {{ ref('int_xref__skus') }} as one
    inner join {{ ref('int_xref__skus') }} as other
        on
            one.erp = other.erp
            and one.system = other.system
            and one.external_sku = other.external_sku
            and one.valid_from <= other.valid_to
            and one.valid_to >= other.valid_from
    where one.unit_factor < other.unit_factor and one.sku is not null
    group by one.erp, one.sku
),

periods as (
    select
        prices.erp,
        prices.item_id,
        prices.valid_to,
        lead(prices.valid_from) over (
            partition by prices.erp, prices.price_list_id, prices.item_id, prices.minimum_quantity, prices.currency
            order by prices.valid_from
        ) as next_from
    from {{ ref('stg_erp__prices') }} as prices
    inner join {{ ref('stg_erp__price_lists') }} as lists
        on prices.erp = lists.erp and prices.price_list_id = lists.price_list_id
    where lists.customer_id is null
),

holes as (
    select
        periods.erp as shop,
        periods.erp,
        items.sku,
        cast(min(periods.valid_to) as {{ type_instant() }}) as valid_to,
        min(periods.next_from) as next_from
    from periods
    inner join items on periods.erp = items.erp and periods.item_id = items.item_id
    where periods.next_from is not null and {{ days_between('periods.valid_to', 'periods.next_from') }} != 1
    group by periods.erp, items.sku
),

costless as (
    select
        erp as shop,
        erp,
        sku,
        updated_at as since,
        cost_amount
    from items
    where item_type = 'inventory' and sku is not null and coalesce(cost_amount, 0) = 0
),

two_factors as (
    {{ break_candidate(
        'REF-04', 'item', 'sku', 'valid_from', order_id=none, currency=none, expected='unit_factor',
        actual='other_unit_factor'
    ) }}
    from factors
),

with_holes as (
    {{ break_candidate(
        'REF-07', 'item', 'sku', 'valid_to', order_id=none, currency=none, expected='valid_to', actual='next_from'
    ) }}
    from holes
),

without_cost as (
    {{ break_candidate('REF-08', 'item', 'sku', 'since', order_id=none, currency=none, actual='cost_amount') }}
    from costless
)

{% for found in ['two_factors', 'with_holes', 'without_cost'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
