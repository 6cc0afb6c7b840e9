-- How long the stock of each product lasts at the present rate of sale. Stock is what the warehouse partner counted
-- where it keeps the goods, else what the shop says.
with variants as (
    select * from {{ ref('dim_products') }}
    where is_tracked and not is_deleted and not is_gift_card and not is_kit
),

levels as (
    select
        shop,
        inventory_item_id,
        location_id,
        sum(available_quantity) as available_units
    from {{ ref('stg_shopify__inventory_levels') }}
    where is_active
    group by shop, inventory_item_id, location_id
),

counted as (
    select
        shop,
        location_id,
        sku,
        sum(available_units) as available_units
    from {{ ref('fct_inventory_positions') }}
    where shop is not null and location_id is not null and sku is not null
    group by shop, location_id, sku
),

stock as (
    select
        variants.shop,
        variants.product_id,
        variants.variant_id,
        sum(coalesce(counted.available_units, levels.available_units)) as available_units
    from variants
    inner join levels on variants.shop = levels.shop and variants.inventory_item_id = levels.inventory_item_id
    left join counted
        on variants.shop = counted.shop and levels.location_id = counted.location_id and variants.sku = counted.sku
    group by variants.shop, variants.product_id, variants.variant_id
),

products as (
    select
        shop,
        product_id,
        -- what a variant owes its buyers is no stock of another one
        sum(greatest(available_units, 0)) as available_units,
        sum(case when available_units <= 0 then 1 else 0 end) as sold_out_variants_count
    from stock
    group by shop, product_id
),

sold as (
    select
        lines.shop,
        lines.product_id,
        sum(lines.current_quantity) as units
    from {{ ref('fct_order_lines') }} as lines
    inner join {{ ref('int_shops__as_of') }} as as_of on lines.shop = as_of.shop
    where
        lines.order_date > {{ add_days('as_of.as_of_date', -(var('sales_rate_days'))) }}
        and lines.order_date <= as_of.as_of_date
    group by lines.shop, lines.product_id
),

measured as (
    select
        products.shop,
        products.product_id,
        products.available_units,
        products.sold_out_variants_count,
        coalesce(sold.units, 0) as sold_units,
        floor(
            {{ share('products.available_units', 'case when sold.units > 0 then sold.units end') }}
            * {{ var('sales_rate_days') }}
        ) as days
    from products
    left join sold on products.shop = sold.shop and products.product_id = sold.product_id
),

final as (
    select
        shop,
        product_id,
        {{ decimal('available_units', 18, 6) }} as available_units,
        cast(sold_units as bigint) as sold_units,
        cast(sold_out_variants_count as bigint) as sold_out_variants_count,
        cast(days as bigint) as days_of_cover,
        case
            when available_units <= 0 then 'out'
            when days is null then 'unsold'
            when days < {{ var('low_cover_days') }} then 'low'
            when days > {{ var('high_cover_days') }} then 'high'
            else 'normal'
        end as stock_band
    from measured
)

select * from final
