-- What one unit of an order line cost to buy: the cost of the ERP's item, of a kit the costs of its parts on the day of
-- the order; where the ERP has none, what the shop says.
{{ config(materialized='view') }}

with erps as (
    select
        shop,
        min(erp) as erp
    from {{ ref('int_xref__locations') }}
    group by shop
),

items as (
    select * from {{ ref('stg_erp__items') }}
),

-- Of two items with one SKU the first speaks; REF-02 tells of them.
items_by_sku as (
    select
        erp,
        sku,
        min(item_id) as item_id
    from items
    where sku is not null
    group by erp, sku
),

lines as (
    select
        lines.shop,
        lines.order_line_id,
        lines.variant_id,
        lines.order_date,
        items.erp,
        items.item_id,
        items.item_type,
        items.cost_amount,
        items.cost_currency
    from {{ ref('fct_order_lines') }} as lines
    left join erps on lines.shop = erps.shop
    left join items_by_sku on erps.erp = items_by_sku.erp and lines.sku = items_by_sku.sku
    left join items on items_by_sku.erp = items.erp and items_by_sku.item_id = items.item_id
    where not lines.is_gift_card
),

-- A kit with a part of unknown cost has an unknown cost, not a smaller one.
kits as (
    select
        lines.shop,
        lines.order_line_id,
        min(parts.cost_currency) as cost_currency,
        case
            when count(*) = count(parts.cost_amount) then sum(parts.cost_amount * components.quantity)
        end as cost_amount
    from lines
    inner join {{ ref('stg_erp__item_components') }} as components
        on
            lines.erp = components.erp
            and lines.item_id = components.kit_item_id
            and (components.valid_from is null or lines.order_date >= components.valid_from)
            and (components.valid_to is null or lines.order_date <= components.valid_to)
    left join items as parts on components.erp = parts.erp and components.component_item_id = parts.item_id
    where lines.item_type = 'kit'
    group by lines.shop, lines.order_line_id
),

in_shop as (
    select
        variants.shop,
        variants.variant_id,
        inventory_items.unit_cost_amount,
        inventory_items.unit_cost_currency
    from {{ ref('stg_shopify__variants') }} as variants
    inner join {{ ref('stg_shopify__inventory_items') }} as inventory_items
        on
            variants.shop = inventory_items.shop
            and variants.inventory_item_id = inventory_items.inventory_item_id
),

final as (
    select
        lines.shop,
        lines.order_line_id,
        {{ decimal('coalesce(kits.cost_amount, lines.cost_amount, in_shop.unit_cost_amount)', 18, 6) }}
            as unit_cost_amount,
        case
            when kits.cost_amount is not null then kits.cost_currency
            when lines.cost_amount is not null then lines.cost_currency
            else in_shop.unit_cost_currency
        end as cost_currency,
        case
            when kits.cost_amount is not null then 'kit'
            when lines.cost_amount is not null then 'item'
            when in_shop.unit_cost_amount is not null then 'shop'
            else 'unknown'
        end as cost_source
    from lines
    left join kits on lines.shop = kits.shop and lines.order_line_id = kits.order_line_id
    left join in_shop on lines.shop = in_shop.shop and lines.variant_id = in_shop.variant_id
)

select * from final
