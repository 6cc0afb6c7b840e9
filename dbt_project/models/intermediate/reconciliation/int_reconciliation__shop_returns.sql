-- Returns as the shop tells them: whether other goods went out for them, and when they were closed.
{{ config(materialized='view') }}

with exchanged as (
    select distinct
        shop,
        return_id
    from {{ ref('stg_shopify__exchange_lines') }}
),

final as (
    select
        announced.shop,
        announced.order_id,
        announced.return_id,
        announced.closed_at,
        exchanged.return_id is not null as is_exchange
    from {{ ref('stg_shopify__returns') }} as announced
    left join exchanged on announced.shop = exchanged.shop and announced.return_id = exchanged.return_id
)

select * from final
