-- Lines of bank statements: a custom record of the merchant's, filled by the bank's feed.
-- cursor: b.lastmodified, b.id
select
    b.id as bank_line_id,
    a.acctnumber as account_code,
    to_char(b.custrecord_bank_value_date, 'YYYY-MM-DD') as value_date,
    b.custrecord_bank_amount as amount,
    c.symbol as currency,
    b.custrecord_bank_reference as reference,
    b.custrecord_bank_description as description,
    to_char(b.created, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM') as created_at /* , cursor */
from customrecord_bank_line b
inner join account a on a.id = b.custrecord_bank_account
inner join currency c on c.id = b.custrecord_bank_currency
where b.id is not null /* and window */
