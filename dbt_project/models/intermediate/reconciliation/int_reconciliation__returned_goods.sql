-- What warehouse partners and ERP say of goods that came back, each with the return of the shop that it is: by its id
-- or its name. Goods of an order that no return announces are one: each system numbers them its own way.
{{ config(materialized='view') }}

with shop_returns as (
    select
        shop,
        return_id,
        order_id,
        {{ reference('name') }} as name_key,
        {{ text('return_id') }} as id_key
    from {{ ref('stg_shopify__returns') }}
),

warehouses as (
    select
        partner,
        warehouse_code,
        min(shop) as shop
    from {{ ref('int_xref__locations') }}
    where warehouse_code is not null
    group by partner, warehouse_code
),

shop_orders as (
    select
        shop,
        order_id,
        {{ text('order_id') }} as id_key,
        {{ reference('name') }} as name_key
    from {{ ref('stg_shopify__orders') }}
    where not is_deleted
),

at_partner as (
    select
        'threepl' as system,
        returns.partner as connection,
        returns.return_id as document_id,
        coalesce(by_id.shop, warehouses.shop) as shop,
        {{ reference('returns.rma_number', 'Return') }} as reference,
        coalesce(by_id.order_id, by_name.order_id) as order_id,
        returns.received_at
    from {{ ref('stg_threepl__returns') }} as returns
    left join warehouses
        on returns.partner = warehouses.partner and returns.warehouse_code = warehouses.warehouse_code
    left join shop_orders as by_id on {{ reference('returns.order_reference') }} = by_id.id_key
    left join shop_orders as by_name
        on
            by_id.order_id is null
            and warehouses.shop = by_name.shop
            and {{ reference('returns.order_reference') }} = by_name.name_key
    where coalesce(by_id.shop, warehouses.shop) is not null
),

in_erp as (
    select
        'erp' as system,
        receipts.erp as connection,
        receipts.return_receipt_line_id as document_id,
        orders.shop,
        coalesce(
            {{ reference('receipts.shopify_return_reference', 'Return') }}, {{ reference('receipts.rma_number') }}
        ) as reference,
        orders.order_id,
        receipts.created_at as received_at
    from {{ ref('stg_erp__return_receipts') }} as receipts
    inner join {{ ref('int_xref__orders') }} as orders
        on
            orders.system = 'erp'
            and receipts.erp = orders.connection
            and receipts.sales_order_id = orders.external_order_id
            and orders.order_id is not null
),

documents as (
    select * from at_partner
    union all
    select * from in_erp
),

matched as (
    select
        documents.system,
        documents.connection,
        documents.document_id,
        documents.shop,
        documents.received_at,
        coalesce(by_id.return_id, by_name.return_id) as return_id,
        coalesce(by_id.order_id, by_name.order_id, documents.order_id) as order_id,
        coalesce(by_id.id_key, by_name.id_key, documents.reference, documents.document_id) as document_key
    from documents
    left join shop_returns as by_id on documents.shop = by_id.shop and documents.reference = by_id.id_key
    left join shop_returns as by_name
        on by_id.return_id is null and documents.shop = by_name.shop and documents.reference = by_name.name_key
),

final as (
    select
        *,
        case
            when return_id is not null or order_id is null then document_key
            else
                coalesce(
                    min(case when system = 'threepl' then document_key end)
                        over (partition by shop, order_id, return_id),
                    min(document_key) over (partition by shop, order_id, return_id)
                )
        end as return_key
    from matched
)

select * from final
