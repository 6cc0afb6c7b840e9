-- Tryton keeps an amount as text on SQLite and as numeric on PostgreSQL: a cast to varchar is exact on both.
-- cursor: coalesce(p.write_date, p.create_date), p.id
select
    p.id as item_id,
    p.code as sku,
    t.name as name,
    case when t.type = 'goods' then 'inventory' when t.type = 'kit' then 'kit' else 'service' end as item_type,
    case when p.active then 'true' else 'false' end as is_active,
    (
        select cast(max(c.cost_price) as varchar) from product_cost_price c
        where c.product = p.id and c.company = (select min(company) from sale_sale)
    ) as cost_amount,
    (
        select cu.code from company_company co inner join currency_currency cu on cu.id = co.currency
        where co.id = (select min(id) from company_company)
    ) as cost_currency,
    cast(coalesce(p.write_date, p.create_date) as varchar) || '+00:00' as updated_at /* , cursor */
from product_product p
inner join product_template t on t.id = p.template
where p.code is not null /* and window */
