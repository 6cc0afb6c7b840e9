-- A verified e-mail address whose customers are several persons although few enough share it: the evidence runs over
-- more contacts than int_customers__identities follows.
{{ config(severity='warn') }}

select
    lower(trim(customers.email)) as email,
    count(distinct customers.person_id) as persons_count
from {{ ref('dim_customers') }} as customers
where customers.has_verified_email and customers.email is not null
group by lower(trim(customers.email))
having
    count(distinct customers.person_id) > 1
    and count(*) <= {{ var('identity_customers_per_contact') }}
