-- Every order of the ERP and of the warehouse partners, and which order of a shop it is: by its id, else by its name.
-- Order names repeat between shops: of several the right currency, then the latest before it decides.
with shop_orders as (
    select
        shop,
        order_id,
        {{ reference('name') }} as name_key,
        {{ text('order_id') }} as id_key,
        currency,
        created_at
    from {{ ref('stg_shopify__orders') }}
    where not is_deleted
),

warehouse_shops as (
    select
        partner,
        warehouse_code,
        min(shop) as shop
    from {{ ref('int_xref__locations') }}
    where warehouse_code is not null
    group by partner, warehouse_code
),

external_orders as (
    select
        'erp' as system,
        erp as connection,
        sales_order_id as external_order_id,
        number as external_number,
        {{ reference('shopify_reference') }} as reference,
        {{ text('null') }} as shop,
        currency,
        created_at
    from {{ ref('stg_erp__sales_orders') }} as sales_orders
    where
        not exists (
            select 1
            from {{ ref('stg_erp__deleted_records') }} as deleted
            where
                deleted.erp = sales_orders.erp
                and deleted.record_type = 'sales_orders'
                and deleted.record_id = sales_orders.sales_order_id
        )
    union all
    select
        'threepl' as system,
        orders.partner as connection,
        orders.order_id as external_order_id,
        orders.order_number as external_number,
        {{ reference('orders.order_reference') }} as reference,
        warehouse_shops.shop,
        {{ text('null') }} as currency,
        orders.received_at as created_at
    from {{ ref('stg_threepl__orders') }} as orders
    left join warehouse_shops
        on orders.partner = warehouse_shops.partner and orders.warehouse_code = warehouse_shops.warehouse_code
),

by_id as (
    select
        external_orders.*,
        shop_orders.shop as shop_of_order,
        shop_orders.order_id
    from external_orders
    left join shop_orders on external_orders.reference = shop_orders.id_key
),

by_name as (
    select
        by_id.system,
        by_id.connection,
        by_id.external_order_id,
        shop_orders.shop as shop_of_order,
        shop_orders.order_id,
        count(*) over (partition by by_id.system, by_id.connection, by_id.external_order_id) as matches,
        row_number() over (
            partition by by_id.system, by_id.connection, by_id.external_order_id
            order by
                case when by_id.currency = shop_orders.currency then 0 else 1 end,
                case when shop_orders.created_at <= by_id.created_at then 0 else 1 end,
                shop_orders.created_at desc, shop_orders.order_id desc
        ) as place
    from by_id
    inner join shop_orders
        on by_id.reference = shop_orders.name_key and coalesce(by_id.shop, shop_orders.shop) = shop_orders.shop
    where by_id.order_id is null
),

final as (
    select
        by_id.system,
        by_id.connection,
        by_id.external_order_id,
        by_id.external_number,
        by_id.reference,
        coalesce(by_id.shop_of_order, by_name.shop_of_order, by_id.shop) as shop,
        coalesce(by_id.order_id, by_name.order_id) as order_id,
        case
            when by_id.order_id is not null then 'id'
            when by_name.order_id is not null then 'name'
            else 'none'
        end as match_method,
        {{ decimal(
            "case when by_id.order_id is not null then 1 when by_name.matches = 1 then 0.9 "
            ~ "when by_name.matches > 1 then 0.6 else 0 end", 5, 2
        ) }} as match_confidence
    from by_id
    left join by_name
        on
            by_id.system = by_name.system
            and by_id.connection = by_name.connection
            and by_id.external_order_id = by_name.external_order_id
            and by_name.place = 1
)

select * from final
