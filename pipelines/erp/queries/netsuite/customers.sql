-- cursor: c.lastmodifieddate, c.id
select
    c.id as customer_id,
    coalesce(c.altname, c.entityid) as name,
    c.email as email,
    c.companyname as company_name,
    c.custentity_fa_channel_customer as shopify_reference,
    cu.symbol as currency,
    case when c.isinactive = 'T' then 'F' else 'T' end as is_active,
    to_char(c.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at /* , cursor */
from customer c
left join currency cu on cu.id = c.currency
where c.id > 0 /* and window */
