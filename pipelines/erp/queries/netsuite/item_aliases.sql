-- How shop and partners spell a SKU: a custom record of the merchant's.
-- key: a.id
select
    a.id as alias_id,
    a.custrecord_alias_item as item_id,
    a.custrecord_alias_system as system,
    a.custrecord_alias_sku as external_sku,
    coalesce(a.custrecord_alias_factor, 1) as unit_factor,
    to_char(a.custrecord_alias_from, 'YYYY-MM-DD') as valid_from,
    to_char(a.custrecord_alias_to, 'YYYY-MM-DD') as valid_to /* , cursor */
from customrecord_item_alias a
where a.id is not null /* and window */
