-- Lines of purchase orders. Codes of the status: A pending approval, B pending receipt, C rejected, D partially
-- received, E pending billing and partially received, F pending bill, G billed, H closed.
-- cursor: t.lastmodifieddate, tl.uniquekey
select
    tl.uniquekey as receipt_line_id,
    t.tranid as purchase_order_number,
    (
        select min(r.tranid) from nexttransactionlinelink k
        inner join transaction r on r.id = k.nextdoc and r.type = 'ItemRcpt'
        where k.previousdoc = t.id
    ) as receipt_number,
    tl.item as item_id,
    i.itemid as sku,
    coalesce(tl.location, t.location) as location_id,
    abs(tl.quantity) as expected_quantity,
    coalesce(abs(tl.quantityshiprecv), 0) as received_quantity,
    to_char(t.actualreceiptdate, 'YYYY-MM-DD') as received_date,
    case
        when t.status = 'C' then 'cancelled'
        when t.status in ('A', 'B') then 'pending'
        when t.status in ('D', 'E') then 'partially_received'
        when t.status in ('F', 'G') then 'received'
        else 'closed'
    end as status,
    to_char(t.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at /* , cursor */
from transaction t
inner join transactionline tl on tl.transaction = t.id
inner join item i on i.id = tl.item
where t.type = 'PurchOrd' and tl.mainline = 'F' and tl.taxline = 'F' /* and window */
