-- Every line of goods on an order of the ERP or of a partner, and which line of the shop it is. A view: analysts ask it
-- of single orders, and models that need a few orders ask the same macro of those.
{{ config(materialized='view') }}

with documents as (
    select
        system,
        connection,
        external_order_id,
        shop,
        order_id
    from {{ ref('int_xref__orders') }}
    where order_id is not null
),

{{ order_line_matches('documents') }},

final as (
    select * from line_matches
)

select * from final
