-- A shipment that left; Tryton links it to its sale by the moves of the sale's lines.
-- cursor: coalesce(h.write_date, h.create_date), h.id
select
    h.id as fulfillment_id,
    h.number as number,
    (
        select min(l.sale) from stock_move m
        inner join sale_line l on m.origin = 'sale.line,' || cast(l.id as varchar)
        where m.shipment = 'stock.shipment.out,' || cast(h.id as varchar)
    ) as sales_order_id,
    cast(h.effective_date as varchar) as shipped_date,
    cast(h.create_date as varchar) || '+00:00' as created_at,
    cast(coalesce(h.write_date, h.create_date) as varchar) || '+00:00' as updated_at,
    'shipped' as status,
    h.warehouse as location_id,
    h.reference as tracking_numbers /* , cursor */
from stock_shipment_out h
where h.state in ('shipped', 'done') /* and window */
