-- cursor: coalesce(p.write_date, p.create_date), p.id
select
    p.id as payment_id,
    p.number as number,
    case when p.kind = 'payable' then 'refund' else 'payment' end as kind,
    case when p.origin like 'sale.sale,%' then substr(p.origin, 11) end as sales_order_id,
    cast(p.shopify_identifier_signed + 9223372036854775807 + 1 as varchar) as gateway_reference,
    cast(p.date as varchar) as payment_date,
    cast(p.create_date as varchar) || '+00:00' as created_at,
    cast(coalesce(p.write_date, p.create_date) as varchar) || '+00:00' as updated_at,
    case when p.state = 'succeeded' then 'posted' when p.state = 'failed' then 'void' else 'pending' end as status,
    c.code as currency,
    cast(p.amount as varchar) as amount /* , cursor */
from account_payment p
inner join account_payment_journal j on j.id = p.journal
inner join currency_currency c on c.id = j.currency
where p.kind in ('receivable', 'payable') /* and window */
