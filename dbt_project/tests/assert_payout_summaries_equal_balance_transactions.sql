-- What Shopify says of a payout in sums, charges and refunds, is what its balance transactions come to.
{{ config(severity='warn') }}

select
    payouts.shop,
    payouts.payout_id,
    payouts.charges_gross_amount,
    movements.charges_amount,
    payouts.refunds_gross_amount,
    movements.refunds_amount
from {{ ref('stg_shopify__payouts') }} as payouts
inner join {{ ref('int_payouts__movements') }} as movements
    on payouts.shop = movements.shop and payouts.payout_id = movements.payout_id
where
    payouts.charges_gross_amount != movements.charges_amount or payouts.refunds_gross_amount != movements.refunds_amount
