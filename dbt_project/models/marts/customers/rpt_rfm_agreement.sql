-- Our RFM groups against those Shopify computed, for customers who have both.
{{ config(materialized='view') }}

with customers as (
    select * from {{ ref('dim_customers') }}
    where shopify_rfm_group is not null
),

final as (
    select
        shop,
        rfm_group,
        shopify_rfm_group,
        rfm_group = shopify_rfm_group as is_agreed,
        count(*) as customers_count,
        {{ decimal(share('count(*)', 'sum(count(*)) over (partition by shop)'), 9, 6) }} as share_of_shop
    from customers
    group by shop, rfm_group, shopify_rfm_group
)

select * from final
