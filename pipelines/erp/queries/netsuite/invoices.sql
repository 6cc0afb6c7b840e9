-- Codes of an invoice's status: A open, B paid in full. A cash sale is paid as it is written.
-- cursor: t.lastmodifieddate, t.id
select
    t.id as invoice_id,
    t.tranid as number,
    main.createdfrom as sales_order_id,
    to_char(t.trandate, 'YYYY-MM-DD') as invoice_date,
    to_char(t.createddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as created_at,
    to_char(t.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at,
    case
        when t.voided = 'T' then 'void'
        when t.type = 'CashSale' or t.status = 'B' then 'paid'
        else 'open'
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
    t.foreignamountremaining as remaining_amount /* , cursor */
from transaction t
inner join currency c on c.id = t.currency
left join transactionline main on main.transaction = t.id and main.mainline = 'T'
where t.type in ('CustInvc', 'CashSale') /* and window */
