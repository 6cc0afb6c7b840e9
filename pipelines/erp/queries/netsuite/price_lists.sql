-- Price levels, one list for each currency they have prices in, and the dated contracts of customers.
-- text key: p.price_list_id
select
    p.price_list_id,
    p.name,
    p.currency,
    p.customer_id,
    null as valid_from,
    null as valid_to,
    p.updated_at /* , cursor */
from (
    select distinct
        'level-' || l.id || '-' || c.symbol as price_list_id, l.name as name, c.symbol as currency,
        null as customer_id, to_char(l.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at
    from pricelevel l
    inner join itemprice ip on ip.pricelevel = l.id
    inner join currency c on c.id = ip.currency
    union
    select distinct
        'level-' || l.id || '-' || c.symbol as price_list_id, l.name as name, c.symbol as currency,
        null as customer_id, to_char(l.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at
    from customrecord_price_period pp
    inner join pricelevel l on l.id = pp.custrecord_price_level
    inner join currency c on c.id = pp.custrecord_price_currency
    where pp.custrecord_price_customer is null
    union
    select distinct
        'customer-' || pp.custrecord_price_customer || '-' || c.symbol as price_list_id, cu.entityid as name,
        c.symbol as currency, pp.custrecord_price_customer as customer_id,
        to_char(cu.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at
    from customrecord_price_period pp
    inner join customer cu on cu.id = pp.custrecord_price_customer
    inner join currency c on c.id = pp.custrecord_price_currency
) p
where p.price_list_id is not null /* and window */
