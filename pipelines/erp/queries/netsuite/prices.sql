-- Dated prices of levels and of customers, and the plain prices of levels that have no dated one.
-- text key: p.price_id
select
    p.price_id,
    p.price_list_id,
    p.item_id,
    p.minimum_quantity,
    p.unit_price_amount,
    p.currency,
    p.valid_from,
    p.valid_to,
    p.updated_at /* , cursor */
from (
    select
        'period-' || pp.id as price_id,
        case
            when pp.custrecord_price_customer is null then 'level-' || pp.custrecord_price_level || '-' || c.symbol
            else 'customer-' || pp.custrecord_price_customer || '-' || c.symbol
        end as price_list_id,
        pp.custrecord_price_item as item_id, coalesce(pp.custrecord_price_quantity, 0) as minimum_quantity,
        pp.custrecord_price_amount as unit_price_amount, c.symbol as currency,
        to_char(pp.custrecord_price_from, 'YYYY-MM-DD') as valid_from,
        to_char(pp.custrecord_price_to, 'YYYY-MM-DD') as valid_to,
        to_char(pp.lastmodified, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at
    from customrecord_price_period pp
    inner join currency c on c.id = pp.custrecord_price_currency
    union all
    select
        'level-' || ip.pricelevel || '-' || c.symbol || '-' || ip.item || '-' || coalesce(ip.quantity, 0)
            as price_id,
        'level-' || ip.pricelevel || '-' || c.symbol as price_list_id,
        ip.item as item_id, coalesce(ip.quantity, 0) as minimum_quantity, ip.price as unit_price_amount,
        c.symbol as currency, null as valid_from, null as valid_to, null as updated_at
    from itemprice ip
    inner join currency c on c.id = ip.currency
    where not exists (
        select 1 from customrecord_price_period dated
        where dated.custrecord_price_level = ip.pricelevel and dated.custrecord_price_item = ip.item
            and dated.custrecord_price_currency = ip.currency and dated.custrecord_price_customer is null
    )
) p
where p.price_id is not null /* and window */
