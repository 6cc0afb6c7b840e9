-- Which customers of all shops are one person. See the docs block `identities`.
{% set rounds = 4 %}
with customers as (
    select * from {{ ref('stg_shopify__customers') }}
    where not is_deleted
),

contacts as (
    select
        shop,
        customer_id,
        'email' as contact_kind,
        lower(trim(email)) as contact
    from customers
    where has_verified_email and email is not null
    union all
    select
        shop,
        customer_id,
        'phone' as contact_kind,
        replace(replace(trim(phone), ' ', ''), '-', '') as contact
    from customers
    where phone is not null
),

evidence as (
    select
        contact_kind,
        contact
    from contacts
    group by contact_kind, contact
    having count(*) between 2 and {{ var('identity_customers_per_contact') }}
),

links as (
    select
        contacts.shop,
        contacts.customer_id,
        {{ customer_key('contacts') }} as customer_key,
        contacts.contact_kind,
        contacts.contact
    from contacts
    inner join evidence on contacts.contact_kind = evidence.contact_kind and contacts.contact = evidence.contact
),

-- Each round hands the smallest label over one more contact: who shares with whom, and so on.
persons_0 as (
    select distinct
        customer_key,
        customer_key as person_id
    from links
),
{% for round in range(1, rounds + 1) %}
contacts_{{ round }} as (
    select
        links.contact_kind,
        links.contact,
        min(persons.person_id) as person_id
    from links
    inner join persons_{{ round - 1 }} as persons on links.customer_key = persons.customer_key
    group by links.contact_kind, links.contact
),

persons_{{ round }} as (
    select
        links.customer_key,
        min(contacts.person_id) as person_id
    from links
    inner join contacts_{{ round }} as contacts
        on links.contact_kind = contacts.contact_kind and links.contact = contacts.contact
    group by links.customer_key
),
{% endfor %}
matched_by as (
    select
        shop,
        customer_id,
        customer_key,
        max(case when contact_kind = 'email' then 1 else 0 end) = 1 as is_matched_by_email,
        max(case when contact_kind = 'phone' then 1 else 0 end) = 1 as is_matched_by_phone
    from links
    group by shop, customer_id, customer_key
),

final as (
    select
        matched_by.shop,
        matched_by.customer_id,
        persons.person_id,
        matched_by.is_matched_by_email,
        matched_by.is_matched_by_phone
    from matched_by
    inner join persons_{{ rounds }} as persons on matched_by.customer_key = persons.customer_key
)

select * from final
