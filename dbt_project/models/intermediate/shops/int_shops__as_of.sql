-- The day on which a shop's customers are judged: the latest business day in its own data, so that a shop whose
-- extraction stands still does not make its customers look lost.
with shops as (
    select * from {{ ref('stg_shopify__shops') }}
),

latest_days as (
    select
        shop,
        max(sale_date) as latest_date
    from {{ ref('fct_sales') }}
    group by shop
),

final as (
    select
        shops.shop,
        shops.iana_timezone,
        shops.currency,
        {% if var('as_of_date') -%}
        cast('{{ var("as_of_date") }}' as date) as as_of_date
        {%- else -%}
        latest_days.latest_date as as_of_date
        {%- endif %}
    from shops
    inner join latest_days on shops.shop = latest_days.shop
)

select * from final
