-- NetSuite's quantities and amounts of sales are negative; components of kits are left to the kit.
-- cursor: t.lastmodifieddate, tl.uniquekey
select
    tl.uniquekey as line_id,
    t.id as sales_order_id,
    tl.linesequencenumber as line_number,
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
    tl.rate as unit_price_amount,
    -tl.foreignamount as net_amount,
    tl.custcol_fa_tax_amount as tax_amount,
    tl.location as location_id,
    tl.isclosed as is_closed,
    tl.custcol_fa_channel_line as shopify_line_reference /* , cursor */
from transaction t
inner join transactionline tl on tl.transaction = t.id
left join item i on i.id = tl.item
where t.type = 'SalesOrd' and tl.mainline = 'F' and tl.iscogs = 'F' and coalesce(tl.kitcomponent, 'F') = 'F'
    and tl.item is not null /* and window */
