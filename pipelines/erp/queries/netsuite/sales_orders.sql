-- Codes of the status: A pending approval, B pending fulfilment, C cancelled, D partially fulfilled, E pending
-- billing and partially fulfilled, F pending billing, G billed, H closed.
-- cursor: t.lastmodifieddate, t.id
select
    t.id as sales_order_id,
    t.tranid as number,
    t.{order_reference_field} as shopify_reference,
    t.entity as customer_id,
    to_char(t.trandate, 'YYYY-MM-DD') as order_date,
    to_char(t.createddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as created_at,
    to_char(t.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at,
    case t.status
        when 'A' then 'pending_approval'
        when 'B' then 'pending_fulfillment'
        when 'C' then 'cancelled'
        when 'D' then 'partially_fulfilled'
        when 'E' then 'partially_fulfilled'
        when 'F' then 'pending_billing'
        when 'G' then 'billed'
        else 'closed'
    end as status,
    c.symbol as currency,
    t.exchangerate as exchange_rate,
    t.foreigntotal as total_amount,
    (
        select -sum(l.foreignamount) from transactionline l where l.transaction = t.id and l.taxline = 'T'
    ) as tax_amount,
    (
        select -sum(l.foreignamount) from transactionline l where l.transaction = t.id and l.itemtype = 'ShipItem'
    ) as shipping_amount,
    (
        select sum(l.foreignamount) from transactionline l where l.transaction = t.id and l.itemtype = 'Discount'
    ) as discount_amount /* , cursor */
from transaction t
inner join currency c on c.id = t.currency
where t.type = 'SalesOrd' /* and window */
