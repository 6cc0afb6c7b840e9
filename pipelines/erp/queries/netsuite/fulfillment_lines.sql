-- Components of kits are left to the kit. The line of the order is that with the same line of the shop.
-- cursor: t.lastmodifieddate, tl.uniquekey
select
    tl.uniquekey as line_id,
    t.id as fulfillment_id,
    (
        select min(ol.uniquekey) from transactionline ol
        where ol.transaction = tl.createdfrom and ol.item = tl.item
            and ol.custcol_fa_channel_line = tl.custcol_fa_channel_line
    ) as sales_order_line_id,
    tl.item as item_id,
    i.itemid as sku,
    abs(tl.quantity) as quantity /* , cursor */
from transaction t
inner join transactionline tl on tl.transaction = t.id
left join item i on i.id = tl.item
where t.type = 'ItemShip' and tl.mainline = 'F' and tl.iscogs = 'F' and coalesce(tl.kitcomponent, 'F') = 'F'
    and tl.quantity is not null /* and window */
