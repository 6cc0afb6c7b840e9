-- Places, with the names that shop and partner give them: custom fields of the merchant's.
-- key: l.id
select
    l.id as location_id,
    l.name as name,
    l.custrecord_fa_channel_location as shopify_reference,
    l.custrecord_partner as partner,
    l.custrecord_warehouse_code as warehouse_code,
    l.timezone as time_zone /* , cursor */
from location l
where l.id is not null /* and window */
