-- Components of kits, with the days from which and to which they hold.
-- text key: m.parentitem || '-' || m.item || '-' || coalesce(to_char(m.effectivedate, 'YYYYMMDD'), '')
select
    m.parentitem as kit_item_id,
    m.item as component_item_id,
    coalesce(to_char(m.effectivedate, 'YYYY-MM-DD'), '1970-01-01') as valid_from,
    to_char(m.obsoletedate, 'YYYY-MM-DD') as valid_to,
    m.quantity as quantity /* , cursor */
from kititemmember m
where m.quantity is not null /* and window */
