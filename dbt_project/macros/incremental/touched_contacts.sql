{#-
    Contacts that customers share are counted contact by contact, as facts are rebuilt order by order: those that a
    customer extracted since the last run, or deleted, has or had are collected once; their rows are deleted, and the
    model's query, held to the same contacts, appends who has them now. Contacts cross shops, and customers of many a shop
    share none, so one mark serves all: what every shop had been read until. With a shop more or less all are counted.

    Used as `pre_hook=touched_contacts_hooks()`. Of runs that are interrupted the same is true as of facts.
-#}
{% macro touched_contacts_hooks() -%}
    {%- do ref('stg_shopify__customers') -%}
    {%- do ref('int_customers__contacts') -%}
    {{ return(["{{ collect_touched_contacts() }}", "{{ delete_touched_contacts() }}"]) }}
{%- endmacro %}


{% macro collect_touched_contacts() -%}
    {%- if is_incremental() %}
    {%- set query -%}
    select
        {{ instant_as_text('max(customers_read_until)') }} as read_until,
        max(shops_read) as shops_read
    from {{ this }}
    {%- endset -%}
    {%- set held = rows_of(query)[0] %}
    {%- set query = 'select count(distinct shop) as shops_read from ' ~ ref('stg_shopify__customers') %}
    {%- set is_changed = 'true' %}
    {%- if held['read_until'] and held['shops_read'] == rows_of(query)[0]['shops_read'] %}
        {%- set is_changed = 'changed.extracted_at > ' ~ as_instant(held['read_until']) %}
    {%- endif %}
    {{ create_scratch(touched_contacts_table()) }}
    select distinct
        contact_kind,
        contact
    from (
        select
            changed.contact_kind,
            changed.contact
        from {{ ref('int_customers__contacts') }} as changed
        where {{ is_changed }}
        union all
        select
            kept.contact_kind,
            kept.contact
        from {{ this }} as kept
        inner join {{ ref('stg_shopify__customers') }} as changed
            on kept.shop = changed.shop and kept.customer_id = changed.customer_id
        where changed.is_deleted or {{ is_changed }}
    ) as changes
    {%- endif %}
{%- endmacro %}


{% macro delete_touched_contacts() -%}
    {%- if is_incremental() %}
    delete from {{ this }}
    where exists (
        select 1
        from {{ touched_contacts_table() }} as touched
        where
            touched.contact_kind = {{ this.identifier }}.contact_kind
            and touched.contact = {{ this.identifier }}.contact
    )
    {%- endif %}
{%- endmacro %}


{#- Whether a row is one of a touched contact; true for all on a full build. -#}
{% macro is_touched_contact(rows) -%}
    {%- if is_incremental() -%}
    exists (
        select 1
        from {{ touched_contacts_table() }} as touched
        where touched.contact_kind = {{ rows }}.contact_kind and touched.contact = {{ rows }}.contact
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}


{% macro touched_contacts_table() -%}
    {{ return(scratch_relation('touched_contacts')) }}
{%- endmacro %}
