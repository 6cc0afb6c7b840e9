-- cursor: coalesce(h.write_date, h.create_date), m.id
select
    m.id as line_id,
    h.id as fulfillment_id,
    l.id as sales_order_line_id,
    m.product as item_id,
    p.code as sku,
    cast(m.quantity as varchar) as quantity /* , cursor */
from stock_move m
inner join stock_shipment_out h on m.shipment = 'stock.shipment.out,' || cast(h.id as varchar)
inner join sale_line l on m.origin = 'sale.line,' || cast(l.id as varchar)
inner join product_product p on p.id = m.product
where h.state in ('shipped', 'done') and m.state = 'done' /* and window */
