-- What each customer can be known by, written one way. An address counts once its owner has verified it. Both parts
-- read the customers themselves, so that what is asked of this view reaches their scan.
{{ config(materialized='view') }}

with emails as (
    select
        shop,
        customer_id,
        'email' as contact_kind,
        lower(trim(email)) as contact,
        extracted_at
    from {{ ref('stg_shopify__customers') }}
    where has_verified_email and email is not null and not is_deleted
),

phones as (
    select
        shop,
        customer_id,
        'phone' as contact_kind,
        replace(replace(trim(phone), ' ', ''), '-', '') as contact,
        extracted_at
    from {{ ref('stg_shopify__customers') }}
    where phone is not null and not is_deleted
),

unioned as (
    select * from emails
    union all
    select * from phones
)

select * from unioned
