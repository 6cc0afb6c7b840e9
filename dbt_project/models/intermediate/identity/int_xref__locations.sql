-- A place of the shop in the ERP and at the warehouse partner. The ERP says which is which; without one, a warehouse of
-- the same name is the place.
with locations as (
    select
        locations.shop,
        locations.location_id,
        locations.name,
        shops.iana_timezone,
        shops.currency
    from {{ ref('stg_shopify__locations') }} as locations
    inner join {{ ref('stg_shopify__shops') }} as shops on locations.shop = shops.shop
),

erp_locations as (
    select
        erp,
        location_id as erp_location_id,
        partner,
        warehouse_code,
        time_zone,
        {{ reference('shopify_reference', 'Location') }} as reference,
        upper(trim(name)) as name_key
    from {{ ref('stg_erp__locations') }}
),

warehouses as (
    select
        partner,
        warehouse_code,
        zone,
        upper(trim(name)) as name_key
    from {{ ref('stg_threepl__warehouses') }}
),

in_erp as (
    select
        locations.shop,
        locations.location_id,
        erp_locations.erp,
        erp_locations.erp_location_id,
        erp_locations.partner,
        erp_locations.warehouse_code,
        erp_locations.time_zone,
        row_number() over (
            partition by locations.shop, locations.location_id
            order by erp_locations.erp, erp_locations.erp_location_id
        ) as place
    from locations
    inner join erp_locations on erp_locations.reference = {{ text('locations.location_id') }}
),

mapped as (
    select
        locations.shop,
        locations.location_id,
        locations.name as location_name,
        locations.currency,
        locations.iana_timezone,
        in_erp.erp,
        in_erp.erp_location_id,
        in_erp.time_zone,
        coalesce(in_erp.partner, named.partner) as partner,
        coalesce(in_erp.warehouse_code, named.warehouse_code) as warehouse_code,
        case
            when in_erp.erp_location_id is not null then 'id'
            when named.warehouse_code is not null then 'name'
            else 'none'
        end as match_method
    from locations
    left join in_erp
        on locations.shop = in_erp.shop and locations.location_id = in_erp.location_id and in_erp.place = 1
    left join warehouses as named
        on in_erp.erp_location_id is null and upper(trim(locations.name)) = named.name_key
),

final as (
    select
        mapped.shop,
        mapped.location_id,
        mapped.location_name,
        mapped.currency,
        mapped.erp,
        mapped.erp_location_id,
        mapped.partner,
        mapped.warehouse_code,
        coalesce(warehouses.zone, mapped.time_zone, mapped.iana_timezone) as time_zone,
        mapped.match_method,
        {{ decimal("case mapped.match_method when 'id' then 1 when 'name' then 0.8 else 0 end", 5, 2) }}
            as match_confidence
    from mapped
    left join warehouses
        on mapped.partner = warehouses.partner and mapped.warehouse_code = warehouses.warehouse_code
)

select * from final
