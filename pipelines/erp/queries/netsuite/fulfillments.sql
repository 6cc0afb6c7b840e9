-- Codes of a fulfilment's status: A picked, B packed, C shipped.
-- cursor: t.lastmodifieddate, t.id
select
    t.id as fulfillment_id,
    t.tranid as number,
    so.id as sales_order_id,
    to_char(so.trandate, 'YYYY-MM-DD') as sales_order_date,
    coalesce(to_char(t.shipdate, 'YYYY-MM-DD'), to_char(t.trandate, 'YYYY-MM-DD')) as shipped_date,
    to_char(t.createddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as created_at,
    to_char(t.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at,
    case
        when t.voided = 'T' then 'cancelled'
        when t.status = 'A' then 'picked'
        when t.status = 'B' then 'packed'
        else 'shipped'
    end as status,
    t.location as location_id,
    t.trackingnumberlist as tracking_numbers /* , cursor */
from transaction t
left join transactionline main on main.transaction = t.id and main.mainline = 'T'
left join transaction so on so.id = main.createdfrom and so.type = 'SalesOrd'
where t.type = 'ItemShip' /* and window */
