-- Receipts of goods that were made from a return authorisation.
-- cursor: t.lastmodifieddate, tl.uniquekey
select
    tl.uniquekey as return_receipt_line_id,
    coalesce(ra.otherrefnum, ra.tranid) as rma_number,
    (
        select min(l.createdfrom) from transactionline l where l.transaction = ra.id and l.mainline = 'T'
    ) as sales_order_id,
    t.custbody_fa_channel_return as shopify_return_reference,
    tl.item as item_id,
    i.itemid as sku,
    coalesce(tl.location, t.location) as location_id,
    abs(tl.quantity) as received_quantity,
    tl.custcol_restocked_quantity as restocked_quantity,
    to_char(t.trandate, 'YYYY-MM-DD') as received_date,
    to_char(t.createddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as created_at,
    to_char(t.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at /* , cursor */
from transaction t
inner join transactionline tl on tl.transaction = t.id
inner join transaction ra on ra.id = tl.createdfrom and ra.type = 'RtnAuth'
inner join item i on i.id = tl.item
where t.type = 'ItemRcpt' and tl.mainline = 'F' and tl.iscogs = 'F' and tl.quantity is not null /* and window */
