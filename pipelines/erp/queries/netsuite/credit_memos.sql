-- NetSuite's totals of credits are negative. Codes of the status: A open, B fully applied.
-- cursor: t.lastmodifieddate, t.id
select
    t.id as credit_memo_id,
    t.tranid as number,
    main.createdfrom as sales_order_id,
    t.custbody_fa_channel_refund as shopify_refund_reference,
    to_char(t.trandate, 'YYYY-MM-DD') as memo_date,
    to_char(t.createddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as created_at,
    to_char(t.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at,
    case
        when t.voided = 'T' then 'void'
        when t.type = 'CashRfnd' or t.status = 'B' then 'applied'
        else 'open'
    end as status,
    c.symbol as currency,
    t.exchangerate as exchange_rate,
    abs(t.foreigntotal) as total_amount,
    (
        select sum(l.foreignamount) from transactionline l where l.transaction = t.id and l.taxline = 'T'
    ) as tax_amount /* , cursor */
from transaction t
inner join currency c on c.id = t.currency
left join transactionline main on main.transaction = t.id and main.mainline = 'T'
where t.type in ('CustCred', 'CashRfnd') /* and window */
