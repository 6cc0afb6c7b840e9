-- What each customer's purchases come to, as of the day on which the shop's customers are judged. Most totals do not
-- change when that day moves: each row says for which days it holds, and only customers whose purchases changed, or
-- whose days are over, are counted anew. A customer whose last purchase was taken away stays with zeros.
{{ config(
    materialized='incremental',
    unique_key=['shop', 'customer_id']
) }}
{% set read_until = newest(this, 'purchases_read_until') if is_incremental() %}

with purchases as (
    select * from {{ ref('int_customers__purchases') }}
),

as_of as (
    select
        shop,
        as_of_date,
        {{ add_days('as_of_date', -365) }} as year_start_date
    from {{ ref('int_shops__as_of') }}
),

customers_to_count as (
    select distinct
        shop,
        customer_id
    from purchases
    {%- if is_incremental() %}
    where changed_at > {{ read_until }}
    union distinct
    select
        held.shop,
        held.customer_id
    from {{ this }} as held
    inner join as_of on held.shop = as_of.shop
    where as_of.as_of_date < held.valid_from_date or as_of.as_of_date >= held.valid_until_date
    union distinct
    -- of purchases that were all built anew since: perhaps nothing of them is known any more
    select
        shop,
        customer_id
    from {{ this }}
    where purchases_read_until < {{ newest(ref('int_customers__purchases'), 'changed_at', 'min') }}
    {%- endif %}
),

purchase_days as (
    select
        customers.shop,
        customers.customer_id,
        purchases.purchase_date,
        count(purchases.order_id) as orders_count,
        sum(purchases.net_sales_amount) as net_sales_amount
    from customers_to_count as customers
    left join purchases
        on
            customers.shop = purchases.shop
            and customers.customer_id = purchases.customer_id
            and purchases.is_current
    group by customers.shop, customers.customer_id, purchases.purchase_date
),

judged as (
    select
        purchase_days.*,
        purchase_days.purchase_date <= as_of.as_of_date as is_counted,
        purchase_days.purchase_date > as_of.year_start_date as is_recent,
        {{ add_days('purchase_days.purchase_date', 365) }} as year_end_date
    from purchase_days
    -- a shop without any sales left has no such day, and customers with nothing but zeros
    left join as_of on purchase_days.shop = as_of.shop
),

by_customer as (
    select
        shop,
        customer_id,
        min(case when is_counted then purchase_date end) as first_order_date,
        max(case when is_counted then purchase_date end) as last_order_date,
        sum(case when is_counted then 1 else 0 end) as purchases_count,
        sum(case when is_counted then orders_count else 0 end) as orders_count,
        sum(case when is_counted then net_sales_amount else 0 end) as net_sales_amount,
        min_by(net_sales_amount, purchase_date) as first_net_sales_amount,
        sum(case when is_counted and is_recent then net_sales_amount else 0 end) as net_sales_12m_amount,
        max(case when is_counted and is_recent then purchase_date when is_counted then year_end_date end)
            as valid_from_date,
        min(case when not is_counted then purchase_date when is_recent then year_end_date end) as valid_until_date
    from judged
    group by shop, customer_id
),

counted as (
    select
        shop,
        customer_id,
        first_order_date,
        last_order_date,
        cast(greatest(purchases_count - 1, 0) as bigint) as frequency,
        cast({{ days_between('first_order_date', 'last_order_date') }} as bigint) as recency_days,
        -- The first purchase says when a customer came, not what later purchases are worth.
        coalesce({{ amount_per(
            '(net_sales_amount - first_net_sales_amount)', 'greatest(purchases_count - 1, 0)'
        ) }}, 0) as monetary_value,
        cast(orders_count as bigint) as orders_count,
        {{ money('net_sales_amount') }} as net_sales_amount,
        {{ money('net_sales_12m_amount') }} as net_sales_12m_amount,
        valid_from_date,
        valid_until_date
    from by_customer
),

final as (
    select
        *,
        (select max(changed_at) from purchases) as purchases_read_until
    from counted
)

select * from final
