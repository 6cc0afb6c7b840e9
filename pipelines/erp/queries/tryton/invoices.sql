-- cursor: coalesce(i.write_date, i.create_date), i.id
select
    i.id as invoice_id,
    i.number as number,
    (
        select min(l.sale) from account_invoice_line il
        inner join sale_line l on il.origin = 'sale.line,' || cast(l.id as varchar)
        where il.invoice = i.id
    ) as sales_order_id,
    cast(i.invoice_date as varchar) as invoice_date,
    cast(i.create_date as varchar) || '+00:00' as created_at,
    cast(coalesce(i.write_date, i.create_date) as varchar) || '+00:00' as updated_at,
    case when i.state = 'paid' then 'paid' when i.state = 'cancelled' then 'void' else 'open' end as status,
    c.code as currency,
    '1' as exchange_rate,
    cast(i.total_amount_cache as varchar) as total_amount,
    cast(i.tax_amount_cache as varchar) as tax_amount /* , cursor */
from account_invoice i
inner join currency_currency c on c.id = i.currency
where i.type = 'out' and i.state in ('posted', 'paid', 'cancelled') and i.number is not null
    and cast(cast(i.total_amount_cache as varchar) as numeric) >= 0 /* and window */
