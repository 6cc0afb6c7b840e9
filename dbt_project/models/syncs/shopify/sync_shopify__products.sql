-- What Shopify should carry on each product: how long its stock lasts. Days are told no finer than a buyer can use, or
-- every product would be rewritten every night.
with cover as (
    select * from {{ ref('rpt_stock_cover') }}
),

final as (
    select
        shop,
        product_id,
        cast(
            case
                when days_of_cover <= 28 then days_of_cover
                when days_of_cover <= {{ var('max_days_of_cover') }} then floor(days_of_cover / 7) * 7
                when days_of_cover > {{ var('max_days_of_cover') }} then {{ var('max_days_of_cover') }}
            end as bigint
        ) as days_of_cover,
        stock_band,
        sold_out_variants_count
    from cover
)

select * from final
