-- Deleted records by the table of ours that held them, where there is one.
-- cursor: x.deleteddate, x.recordid
select
    case lower(x.type)
        when 'salesorder' then 'sales_orders'
        when 'itemfulfillment' then 'fulfillments'
        when 'invoice' then 'invoices'
        when 'cashsale' then 'invoices'
        when 'creditmemo' then 'credit_memos'
        when 'cashrefund' then 'credit_memos'
        when 'customerdeposit' then 'payments'
        when 'customerpayment' then 'payments'
        when 'customerrefund' then 'payments'
        when 'purchaseorder' then 'purchase_receipts'
        when 'transferorder' then 'transfers'
        when 'inventoryadjustment' then 'inventory_adjustments'
        when 'customer' then 'customers'
        when 'inventoryitem' then 'items'
        else lower(x.type)
    end as record_type,
    x.recordid as record_id,
    to_char(x.deleteddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as deleted_at /* , cursor */
from deletedrecord x
where x.recordid is not null /* and window */
