-- Contacts that several customers of all shops have, with all who have them. Most customers share none, and counting
-- every address again is what persons cost: an increment counts those that a changed customer has or had. What a
-- customer had alone is forgotten: losing it concerns nobody.
{{ config(
    materialized='incremental',
    pre_hook=touched_contacts_hooks()
) }}

with contacts as (
    select contacts.*
    from {{ ref('int_customers__contacts') }} as contacts
    where {{ is_touched_contact('contacts') }}
),

counted as (
    select
        contact_kind,
        contact,
        count(*) as customers_count
    from contacts
    group by contact_kind, contact
    having count(*) > 1
),

read_of_shops as (
    select
        shop,
        max(extracted_at) as read_until
    from {{ ref('stg_shopify__customers') }}
    group by shop
),

read_of_all as (
    select
        min(read_until) as customers_read_until,
        count(*) as shops_read
    from read_of_shops
),

final as (
    select
        contacts.shop,
        contacts.customer_id,
        contacts.contact_kind,
        contacts.contact,
        counted.customers_count,
        read_of_all.customers_read_until,
        read_of_all.shops_read
    from contacts
    inner join counted on contacts.contact_kind = counted.contact_kind and contacts.contact = counted.contact
    cross join read_of_all
)

select * from final
