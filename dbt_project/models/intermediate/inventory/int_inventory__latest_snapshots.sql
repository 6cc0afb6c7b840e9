-- When each warehouse was last counted, and what place of the shop it is.
{{ config(materialized='view') }}

select
    partner,
    warehouse_code,
    max(shop) as shop,
    max(location_id) as location_id,
    max(as_of) as as_of
from {{ ref('int_inventory__warehouse_stock') }}
group by partner, warehouse_code
