-- Warehouses; the code of one is the number of Shopify's location.
-- cursor: coalesce(l.write_date, l.create_date), l.id
select
    l.id as location_id,
    l.name as name,
    l.code as shopify_reference /* , cursor */
from stock_location l
where l.type = 'warehouse' /* and window */
