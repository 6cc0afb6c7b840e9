-- Posting lines in the books of their subsidiary, whose currency they are in. What an account is for says a custom
-- field of the account; without it, its type does. A document that no program wrote is manual.
-- cursor: t.lastmodifieddate, tl.uniquekey
select
    t.id || '-' || tal.transactionline as gl_entry_id,
    t.id as document_id,
    case t.type
        when 'CustInvc' then 'invoice'
        when 'CashSale' then 'cash_sale'
        when 'CustCred' then 'credit_memo'
        when 'CashRfnd' then 'cash_refund'
        when 'CustPymt' then 'payment'
        when 'CustDep' then 'customer_deposit'
        when 'DepAppl' then 'deposit_application'
        when 'CustRfnd' then 'refund'
        when 'ItemShip' then 'fulfillment'
        when 'ItemRcpt' then 'item_receipt'
        when 'InvAdjst' then 'inventory_adjustment'
        when 'TrnfrOrd' then 'transfer'
        when 'Deposit' then 'deposit'
        when 'Journal' then 'journal'
        when 'VendBill' then 'bill'
        else 'other'
    end as document_type,
    t.tranid as document_number,
    to_char(t.trandate, 'YYYY-MM-DD') as posting_date,
    to_char(ap.startdate, 'YYYY-MM') as period,
    tal.posting as is_posted,
    case when t.source is null then 'T' else 'F' end as is_manual,
    a.acctnumber as account_code,
    coalesce(a.custrecord_class, case a.accttype
        when 'Bank' then 'bank'
        when 'AcctRec' then 'receivable'
        when 'Income' then 'revenue'
        when 'COGS' then 'cogs'
        when 'DeferRevenue' then 'deferred_revenue'
        else 'other'
    end) as account_type,
    coalesce(tal.debit, 0) as debit_amount,
    coalesce(tal.credit, 0) as credit_amount,
    c.symbol as currency,
    tl.location as location_id,
    coalesce(t.custbody_fa_gateway_reference, tl.memo, t.otherrefnum, t.memo) as reference,
    to_char(t.createddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as created_at,
    to_char(t.lastmodifieddate, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as updated_at /* , cursor */
from transaction t
inner join transactionaccountingline tal on tal.transaction = t.id and tal.accountingbook = 1
inner join transactionline tl on tl.transaction = tal.transaction and tl.id = tal.transactionline
inner join account a on a.id = tal.account
inner join accountingperiod ap on ap.id = t.postingperiod
inner join subsidiary s on s.id = tl.subsidiary
inner join currency c on c.id = s.currency
where (tal.debit is not null or tal.credit is not null) /* and window */
