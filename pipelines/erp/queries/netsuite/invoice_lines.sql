-- The account is the one the line is posted to in the first accounting book.
-- cursor: t.lastmodifieddate, tl.uniquekey
select
    tl.uniquekey as line_id,
    t.id as invoice_id,
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
    -tl.foreignamount as net_amount,
    tl.custcol_fa_tax_amount as tax_amount,
    a.acctnumber as account_code /* , cursor */
from transaction t
inner join transactionline tl on tl.transaction = t.id
left join item i on i.id = tl.item
left join transactionaccountingline tal
    on tal.transaction = tl.transaction and tal.transactionline = tl.id and tal.accountingbook = 1
left join account a on a.id = tal.account
where t.type in ('CustInvc', 'CashSale') and tl.mainline = 'F' and tl.iscogs = 'F'
    and coalesce(tl.kitcomponent, 'F') = 'F' and tl.item is not null /* and window */
