-- Codes of the status: A pending approval, B pending fulfilment, C rejected, D partially fulfilled, E pending
-- receipt and partially fulfilled, F pending receipt, G received, H closed.
-- cursor: t.lastmodifieddate, tl.uniquekey
select
    tl.uniquekey as transfer_line_id,
    t.tranid as number,
    tl.item as item_id,
    i.itemid as sku,
    t.location as from_location_id,
    t.transferlocation as to_location_id,
    abs(tl.quantity) as quantity,
    coalesce(abs(tl.quantityshiprecv), 0) as received_quantity,
    to_char(t.actualshipdate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as shipped_at,
    to_char(t.actualreceiptdate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as received_at,
    to_char(t.duedate, 'YYYY-MM-DD') as due_date,
    case
        when t.status = 'C' then 'cancelled'
        when t.status in ('A', 'B') then 'pending'
        when t.status in ('D', 'E', 'F') then 'in_transit'
        when t.status = 'G' then 'received'
        else 'closed'
    end as status,
    to_char(t.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at /* , cursor */
from transaction t
inner join transactionline tl on tl.transaction = t.id
inner join item i on i.id = tl.item
where t.type = 'TrnfrOrd' and tl.mainline = 'F' and tl.iscogs = 'F' and tl.quantity is not null /* and window */
