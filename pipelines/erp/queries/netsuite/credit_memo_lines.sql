-- cursor: t.lastmodifieddate, tl.uniquekey
select
    tl.uniquekey as line_id,
    t.id as credit_memo_id,
    case
        when tl.itemtype = 'ShipItem' then 'shipping'
        when tl.itemtype in ('Discount', 'Markup') then 'discount'
        when tl.itemtype in ('TaxItem', 'TaxGroup') or tl.taxline = 'T' then 'tax'
        when tl.itemtype = 'OthCharge' and lower(i.itemid) like 'tip%' then 'tip'
        when tl.itemtype = 'OthCharge' and lower(i.itemid) like 'dut%' then 'duty'
        when tl.itemtype in ('OthCharge', 'Subtotal', 'Payment') then 'adjustment'
        else 'item'
    end as line_type,
    tl.item as item_id,
    case
        when tl.itemtype in ('InvtPart', 'Assembly', 'Kit', 'GiftCert', 'NonInvtPart', 'Service', 'DwnLdItem')
            then i.itemid
    end as sku,
    abs(tl.quantity) as quantity,
    tl.foreignamount as net_amount,
    tl.custcol_fa_tax_amount as tax_amount /* , cursor */
from transaction t
inner join transactionline tl on tl.transaction = t.id
left join item i on i.id = tl.item
where t.type in ('CustCred', 'CashRfnd') and tl.mainline = 'F' and tl.iscogs = 'F'
    and coalesce(tl.kitcomponent, 'F') = 'F'
    and tl.item is not null /* and window */
