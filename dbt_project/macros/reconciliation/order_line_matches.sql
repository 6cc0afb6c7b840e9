{#-
    Common table expressions that tell which line of the shop each line of an ERP's or a partner's order is; the last of
    them is `line_matches`. `documents` names the rows to look at: system, connection, external_order_id, shop, order_id.
    A macro, since the same question is asked of all orders (int_xref__order_lines) and of a few (edited ones), and a
    condition from outside would not pass the ranks.

    By the reference that the line carries; else by SKU, spelt as the merchant does on the day of the order, the first
    with the first where it stands there twice; else as a part of the only bundle of the order that has it.
-#}
{% macro order_line_matches(documents) -%}
dated_documents as (
    select
        documents.*,
        places.erp,
        {{ business_date('placed.processed_at', 'shops.iana_timezone') }} as order_date
    from {{ documents }} as documents
    inner join {{ ref('stg_shopify__orders') }} as placed
        on documents.shop = placed.shop and documents.order_id = placed.order_id
    inner join {{ ref('stg_shopify__shops') }} as shops on documents.shop = shops.shop
    left join (
        select
            shop,
            min(erp) as erp
        from {{ ref('int_xref__locations') }}
        group by shop
    ) as places on documents.shop = places.shop
),

external_lines as (
    select
        documents.*,
        booked.line_id as external_line_id,
        booked.line_number,
        booked.sku as external_sku,
        booked.sku,
        abs(booked.quantity) as units,
        {{ reference('booked.shopify_line_reference', 'LineItem') }} as reference
    from dated_documents as documents
    inner join {{ ref('stg_erp__sales_order_lines') }} as booked
        on documents.connection = booked.erp and documents.external_order_id = booked.sales_order_id
    where documents.system = 'erp' and booked.line_type = 'item'
    union all
    select
        documents.*,
        {{ text('ordered.line_number') }} as external_line_id,
        ordered.line_number,
        ordered.sku as external_sku,
        coalesce(skus.sku, ordered.sku) as sku,
        ordered.quantity * coalesce(skus.unit_factor, 1) as units,
        {{ reference('ordered.line_reference', 'LineItem') }} as reference
    from dated_documents as documents
    inner join {{ ref('stg_threepl__order_lines') }} as ordered
        on documents.connection = ordered.partner and documents.external_order_id = ordered.order_id
    left join {{ ref('int_xref__skus') }} as skus
        on {{ spelt_on('documents.order_date', 'documents.erp', 'documents.connection', 'ordered.sku') }}
    where documents.system = 'threepl'
),

referred as (
    select
        external_lines.*,
        shop_lines.order_line_id,
        shop_lines.sku as order_line_sku
    from external_lines
    left join {{ ref('stg_shopify__order_lines') }} as shop_lines
        on
            external_lines.shop = shop_lines.shop
            and external_lines.order_id = shop_lines.order_id
            and external_lines.reference = {{ text('shop_lines.order_line_id') }}
),

unreferred as (
    select
        *,
        row_number() over (
            partition by system, connection, external_order_id, sku order by line_number, external_line_id
        ) as place,
        count(*) over (partition by system, connection, external_order_id, sku) as twins_count
    from referred
    where order_line_id is null
),

incomplete_documents as (
    select distinct
        system,
        connection,
        external_order_id,
        shop,
        order_id,
        erp,
        order_date
    from unreferred
),

-- Lines of the shop that nothing of the document refers to, spelt as the merchant does.
unclaimed as (
    select
        documents.system,
        documents.connection,
        documents.external_order_id,
        documents.erp,
        documents.order_date,
        shop_lines.order_line_id,
        shop_lines.sku as order_line_sku,
        coalesce(skus.sku, shop_lines.sku) as sku,
        row_number() over (
            partition by
                documents.system, documents.connection, documents.external_order_id, coalesce(skus.sku, shop_lines.sku)
            order by shop_lines.order_line_id
        ) as place,
        count(*) over (
            partition by
                documents.system, documents.connection, documents.external_order_id, coalesce(skus.sku, shop_lines.sku)
        ) as twins_count
    from incomplete_documents as documents
    inner join {{ ref('stg_shopify__order_lines') }} as shop_lines
        on documents.shop = shop_lines.shop and documents.order_id = shop_lines.order_id
    left join {{ ref('int_xref__skus') }} as skus
        on {{ spelt_on('documents.order_date', 'documents.erp', "'shopify'", 'shop_lines.sku') }}
    where
        shop_lines.sku is not null
        and not exists (
            select 1
            from referred
            where
                referred.system = documents.system
                and referred.connection = documents.connection
                and referred.external_order_id = documents.external_order_id
                and referred.order_line_id = shop_lines.order_line_id
        )
),

in_bundles as (
    select
        unclaimed.system,
        unclaimed.connection,
        unclaimed.external_order_id,
        kits.component_sku,
        min(unclaimed.order_line_id) as order_line_id
    from unclaimed
    inner join {{ ref('int_xref__kits') }} as kits
        on
            unclaimed.erp = kits.erp
            and unclaimed.sku = kits.kit_sku
            and unclaimed.order_date between kits.valid_from and kits.valid_to
    group by unclaimed.system, unclaimed.connection, unclaimed.external_order_id, kits.component_sku
    having count(distinct unclaimed.order_line_id) = 1
),

line_matches as (
    select
        system,
        connection,
        external_order_id,
        external_line_id,
        shop,
        order_id,
        order_line_id,
        external_sku,
        coalesce(order_line_sku, sku) as sku,
        units,
        'id' as match_method,
        {{ decimal('1', 5, 2) }} as match_confidence
    from referred
    where order_line_id is not null
    union all
    select
        unreferred.system,
        unreferred.connection,
        unreferred.external_order_id,
        unreferred.external_line_id,
        unreferred.shop,
        unreferred.order_id,
        coalesce(unclaimed.order_line_id, in_bundles.order_line_id) as order_line_id,
        unreferred.external_sku,
        coalesce(unclaimed.order_line_sku, unreferred.sku) as sku,
        unreferred.units,
        case
            when unclaimed.twins_count = 1 and unreferred.twins_count = 1 then 'sku'
            when unclaimed.order_line_id is not null then 'sku_and_position'
            when in_bundles.order_line_id is not null then 'bundle'
            else 'none'
        end as match_method,
        {{ decimal(
            "case when unclaimed.twins_count = 1 and unreferred.twins_count = 1 then 0.9 when "
            ~ "unclaimed.order_line_id is not null then 0.6 "
            ~ "when in_bundles.order_line_id is not null then 0.8 else 0 end", 5, 2
        ) }} as match_confidence
    from unreferred
    left join unclaimed
        on
            unreferred.system = unclaimed.system
            and unreferred.connection = unclaimed.connection
            and unreferred.external_order_id = unclaimed.external_order_id
            and unreferred.sku = unclaimed.sku
            and unreferred.place = unclaimed.place
    left join in_bundles
        on
            unreferred.system = in_bundles.system
            and unreferred.connection = in_bundles.connection
            and unreferred.external_order_id = in_bundles.external_order_id
            and unreferred.sku = in_bundles.component_sku
)
{%- endmacro %}
