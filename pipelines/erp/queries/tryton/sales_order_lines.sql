-- Lines without a product are what the connector makes of shipping; a negative quantity is a refund beside the lines.
-- cursor: coalesce(s.write_date, s.create_date), l.id
select
    l.id as line_id,
    l.sale as sales_order_id,
    l.sequence as line_number,
    case
        when l.quantity < 0 then 'adjustment'
        when l.shopify_identifier_signed is null then 'shipping'
        else 'item'
    end as line_type,
    l.product as item_id,
    p.code as sku,
    cast(abs(l.quantity) as varchar) as quantity,
    cast(l.unit_price as varchar) as unit_price_amount,
    cast(round(cast(cast(l.unit_price as varchar) as numeric) * cast(l.quantity as numeric), 2) as varchar) as net_amount,
    l.shopify_warehouse as location_id,
    case when s.state in ('done', 'cancelled') then 'true' else 'false' end as is_closed,
    cast(l.shopify_identifier_signed + 9223372036854775807 + 1 as varchar) as shopify_line_reference /* , cursor */
from sale_line l
inner join sale_sale s on s.id = l.sale
left join product_product p on p.id = l.product
where l.type = 'line' /* and window */
