-- Items that are bought, kept or sold. Shipping, discount and tax items are lines of documents, not goods.
-- cursor: i.lastmodifieddate, i.id
select
    i.id as item_id,
    i.itemid as sku,
    coalesce(i.displayname, i.itemid) as name,
    case i.itemtype
        when 'InvtPart' then 'inventory'
        when 'Assembly' then 'inventory'
        when 'Kit' then 'kit'
        when 'GiftCert' then 'gift_card'
        else 'service'
    end as item_type,
    i.upccode as barcode,
    case when i.isinactive = 'T' then 'F' else 'T' end as is_active,
    i.averagecost as cost_amount,
    '{base_currency}' as cost_currency,
    to_char(i.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at /* , cursor */
from item i
where i.itemtype in ('InvtPart', 'Assembly', 'Kit', 'GiftCert', 'NonInvtPart', 'Service', 'DwnLdItem') /* and window */
