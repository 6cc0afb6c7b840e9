-- Which customers of all shops are one person. See the docs block `identities`.
{% set rounds = 4 %}
with links as (
    select
        contacts.shop,
        contacts.customer_id,
        {{ customer_key('contacts') }} as customer_key,
        contacts.contact_kind,
        contacts.contact
    from {{ ref('int_customers__shared_contacts') }} as contacts
    where contacts.customers_count <= {{ var('identity_customers_per_contact') }}
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
