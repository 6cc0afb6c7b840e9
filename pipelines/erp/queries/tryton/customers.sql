-- cursor: coalesce(p.write_date, p.create_date), p.id
select
    p.id as customer_id,
    p.name as name,
    (
        select max(m.value) from party_contact_mechanism m where m.party = p.id and m.type = 'email'
    ) as email,
    (
        -- Tryton keeps Shopify's number less 2^63; two steps, because 2^63 itself fits no integer.
        select max(i.shopify_identifier_signed + 9223372036854775807 + 1) from web_shop_shopify_identifier i
        where i.record = 'party.party,' || cast(p.id as varchar)
    ) as shopify_reference,
    case when p.active then 'true' else 'false' end as is_active,
    cast(coalesce(p.write_date, p.create_date) as varchar) || '+00:00' as updated_at /* , cursor */
from party_party p
where 1 = 1 /* and window */
