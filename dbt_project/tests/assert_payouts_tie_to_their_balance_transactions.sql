-- To the cent. A payout that does not is also a break, PAY-03: the test warns, since the data are as Shopify gave them.
{{ config(severity='warn') }}

select
    shop,
    payout_id,
    net_amount,
    movements_difference_amount
from {{ ref('fct_payouts') }}
where movements_difference_amount != 0
