-- Kits of the ERP against the bundles that were sold: an order has the components of a bundle as lines of one group, so
-- units of all components must be the same multiple of what the ERP says one is made of.
with kits as (
    select
        *,
        count(*) over (partition by erp, kit_sku, valid_from) as components_count
    from {{ ref('int_xref__kits') }}
),

bundles as (
    select
        lines.shop,
        lines.order_id,
        lines.line_item_group_id,
        lines.sku,
        orders.erp,
        {{ business_date('orders.placed_at', "'UTC'") }} as order_date,
        max(orders.placed_at) as placed_at,
        sum(lines.quantity) as quantity,
        count(*) over (partition by lines.shop, lines.order_id, lines.line_item_group_id) as lines_count
    from {{ ref('stg_shopify__order_lines') }} as lines
    inner join {{ ref('int_reconciliation__orders') }} as orders
        on lines.shop = orders.shop and lines.order_id = orders.order_id
    where lines.line_item_group_id is not null and lines.sku is not null and orders.erp is not null
    group by
        lines.shop, lines.order_id, lines.line_item_group_id, lines.sku, orders.erp,
        {{ business_date('orders.placed_at', "'UTC'") }}
),

compared as (
    select
        bundles.erp,
        kits.kit_sku,
        bundles.shop,
        bundles.order_id,
        bundles.line_item_group_id,
        max(bundles.placed_at) as placed_at,
        max(bundles.quantity / kits.quantity) as highest,
        min(bundles.quantity / kits.quantity) as lowest
    from bundles
    inner join kits
        on
            bundles.erp = kits.erp
            and bundles.sku = kits.component_sku
            and bundles.order_date between kits.valid_from and kits.valid_to
            and bundles.lines_count = kits.components_count
    group by
        bundles.erp, kits.kit_sku, bundles.shop, bundles.order_id, bundles.line_item_group_id, kits.components_count
    having count(*) = kits.components_count
),

-- The latest order tells what the shop sells now.
latest as (
    select
        erp as shop,
        erp,
        kit_sku,
        order_id,
        highest,
        lowest,
        min(case when highest != lowest then placed_at end) over (partition by erp, kit_sku) as since,
        row_number() over (
            partition by erp, kit_sku order by placed_at desc, order_id desc, line_item_group_id desc
        ) as place
    from compared
)

{{ break_candidate(
    'REF-03', 'item', 'kit_sku', 'since', order_id=none, currency=none, expected=number_as_text('lowest'),
    actual=number_as_text('highest'), evidence={'order_id': 'order_id'}
) }}
from latest
where place = 1 and highest != lowest
