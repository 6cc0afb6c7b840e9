-- Drafts and quotations wait for somebody: they are orders that nobody has approved.
-- cursor: coalesce(s.write_date, s.create_date), s.id
select
    s.id as sales_order_id,
    coalesce(s.number, 'draft ' || cast(s.id as varchar)) as number,
    coalesce(s.{order_reference_field}, s.reference) as shopify_reference,
    s.party as customer_id,
    cast(s.sale_date as varchar) as order_date,
    cast(s.create_date as varchar) || '+00:00' as created_at,
    cast(coalesce(s.write_date, s.create_date) as varchar) || '+00:00' as updated_at,
    case
        when s.state = 'cancelled' then 'cancelled'
        when s.state in ('draft', 'quotation') then 'pending_approval'
        when s.state = 'done' then 'closed'
        when s.shipment_state = 'partially shipped' then 'partially_fulfilled'
        when s.shipment_state = 'sent' and s.invoice_state in ('none', 'pending', 'awaiting payment') then 'pending_billing'
        when s.shipment_state = 'sent' then 'billed'
        else 'pending_fulfillment'
    end as status,
    c.code as currency,
    '1' as exchange_rate,
    -- Kept from the quotation on; before it, what the lines come to.
    coalesce(cast(s.total_amount_cache as varchar), (
        select cast(round(sum(cast(cast(l.unit_price as varchar) as numeric) * cast(l.quantity as numeric)), 2) as varchar)
        from sale_line l
        where l.sale = s.id and l.type = 'line'
    )) as total_amount,
    cast(s.tax_amount_cache as varchar) as tax_amount /* , cursor */
from sale_sale s
inner join currency_currency c on c.id = s.currency
where s.sale_date is not null /* and window */
