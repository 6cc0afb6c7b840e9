-- As it stands now; NetSuite says the value of what is on hand itself.
-- key: b.item, b.location
select
    b.item as item_id,
    b.location as location_id,
    i.itemid as sku,
    coalesce(b.quantityonhand, 0) as on_hand_quantity,
    b.quantityavailable as available_quantity,
    b.quantitycommitted as committed_quantity,
    b.quantityintransit as in_transit_quantity,
    b.averagecostmli as average_cost_amount,
    b.onhandvaluemli as value_amount,
    '{now}' as as_of /* , cursor */
from aggregateitemlocation b
inner join item i on i.id = b.item
where b.location is not null /* and window */
