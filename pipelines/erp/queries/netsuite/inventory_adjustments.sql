-- cursor: t.lastmodifieddate, tl.uniquekey
select
    tl.uniquekey as adjustment_line_id,
    t.tranid as number,
    tl.item as item_id,
    i.itemid as sku,
    coalesce(tl.location, t.location) as location_id,
    tl.quantity as quantity,
    coalesce(tl.memo, t.memo) as reason,
    to_char(t.createddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as adjusted_at,
    to_char(t.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at /* , cursor */
from transaction t
inner join transactionline tl on tl.transaction = t.id
inner join item i on i.id = tl.item
where t.type = 'InvAdjst' and tl.mainline = 'F' and tl.quantity is not null /* and window */
