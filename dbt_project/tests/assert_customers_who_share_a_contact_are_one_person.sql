-- A verified e-mail address whose customers are several persons although few enough share it: the evidence runs over
-- more contacts than int_customers__identities follows.
{{ config(severity='warn') }}

select
    lower(trim(customers.email)) as email,
    count(distinct identities.person_id) as persons_count
from {{ ref('stg_shopify__customers') }} as customers
inner join {{ ref('int_customers__identities') }} as identities
    on customers.shop = identities.shop and customers.customer_id = identities.customer_id
where customers.has_verified_email and customers.email is not null and not customers.is_deleted
group by lower(trim(customers.email))
having
    count(distinct identities.person_id) > 1
    and count(*) <= {{ var('identity_customers_per_contact') }}
