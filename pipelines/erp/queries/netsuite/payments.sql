-- Deposits and payments of customers, and what was paid back to them. The document is what a payment was made from.
-- cursor: t.lastmodifieddate, t.id
select
    t.id as payment_id,
    t.tranid as number,
    case when t.type = 'CustRfnd' then 'refund' else 'payment' end as kind,
    case when source.type = 'SalesOrd' then source.id end as sales_order_id,
    case when source.type <> 'SalesOrd' then source.id end as document_id,
    t.custbody_fa_gateway_reference as gateway_reference,
    to_char(t.trandate, 'YYYY-MM-DD') as payment_date,
    to_char(t.createddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as created_at,
    to_char(t.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at,
    case when t.voided = 'T' then 'void' when t.posting = 'F' then 'pending' else 'posted' end as status,
    c.symbol as currency,
    abs(t.foreigntotal) as amount /* , cursor */
from transaction t
inner join currency c on c.id = t.currency
left join transactionline main on main.transaction = t.id and main.mainline = 'T'
left join transaction source on source.id = main.createdfrom
where t.type in ('CustDep', 'CustPymt', 'CustRfnd') /* and window */
