-- cursor: coalesce(m.write_date, m.create_date), l.id
select
    l.id as gl_entry_id,
    m.id as document_id,
    case
        when m.origin like 'account.invoice,%' then 'invoice'
        when m.origin like 'stock.move,%' then 'stock move'
        when m.origin like 'account.payment%' then 'payment'
        else 'entry'
    end as document_type,
    coalesce(m.number, cast(m.id as varchar)) as document_number,
    cast(m.date as varchar) as posting_date,
    substr(cast(m.date as varchar), 1, 7) as period,
    case when m.state = 'posted' then 'true' else 'false' end as is_posted,
    case when m.origin is null then 'true' else 'false' end as is_manual,
    a.code as account_code,
    case
        when t.receivable then 'receivable'
        when t.revenue then 'revenue'
        when t.stock then 'inventory'
        when t.expense then 'cogs'
        else 'other'
    end as account_type,
    cast(l.debit as varchar) as debit_amount,
    cast(l.credit as varchar) as credit_amount,
    c.code as currency,
    cast(m.create_date as varchar) || '+00:00' as created_at,
    cast(coalesce(m.write_date, m.create_date) as varchar) || '+00:00' as updated_at /* , cursor */
from account_move_line l
inner join account_move m on m.id = l.move
inner join account_account a on a.id = l.account
inner join account_account_type t on t.id = a.type
inner join company_company co on co.id = m.company
inner join currency_currency c on c.id = co.currency
where 1 = 1 /* and window */
