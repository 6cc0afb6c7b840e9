-- Every customer of the ERP, and which customer or company of a shop it is: by the reference it carries, else by its
-- e-mail address, else by the name of a company that occurs once on both sides. Addresses are compared and not kept.
with erp_customers as (
    select
        erp,
        customer_id,
        is_active,
        currency,
        updated_at,
        {{ reference('shopify_reference', 'Customer') }} as reference,
        nullif(lower(trim(email)), '') as email,
        nullif(upper(trim(company_name)), '') as company_key
    from {{ ref('stg_erp__customers') }}
),

shop_customers as (
    select
        shop,
        customer_id,
        currency,
        created_at,
        nullif(lower(trim(email)), '') as email
    from {{ ref('stg_shopify__customers') }}
    where not is_deleted
),

-- Whoever carries a reference is who that says, or nobody.
found as (
    {%- for method, condition in [
        ('id', 'erp_customers.reference = ' ~ text('shop_customers.customer_id')),
        ('email', 'erp_customers.reference is null and erp_customers.email = shop_customers.email'),
    ] %}
    select
        erp_customers.erp,
        erp_customers.customer_id,
        shop_customers.shop,
        shop_customers.customer_id as shop_customer_id,
        shop_customers.created_at,
        '{{ method }}' as match_method,
        case when erp_customers.currency = shop_customers.currency then 0 else 1 end as currency_place
    from erp_customers
    inner join shop_customers on {{ condition }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

-- Of several the one whose shop has the customer's currency speaks, then the oldest.
candidates as (
    select
        *,
        count(*) over (partition by erp, customer_id, currency_place) as alike_count,
        row_number() over (
            partition by erp, customer_id order by currency_place, created_at, shop_customer_id
        ) as place
    from found
),

company_names as (
    select
        upper(trim(name)) as company_key,
        min(shop) as shop,
        min(company_id) as company_id
    from {{ ref('stg_shopify__companies') }}
    where name is not null
    group by upper(trim(name))
    having count(*) = 1
),

erp_company_names as (
    select
        erp,
        company_key
    from erp_customers
    where company_key is not null and is_active
    group by erp, company_key
    having count(*) = 1
),

final as (
    select
        erp_customers.erp,
        erp_customers.customer_id,
        erp_customers.is_active,
        erp_customers.updated_at,
        erp_customers.reference,
        coalesce(candidates.shop, company_names.shop) as shop,
        candidates.shop_customer_id,
        company_names.company_id,
        case
            when candidates.match_method is not null then candidates.match_method
            when company_names.company_id is not null then 'company_name'
            else 'none'
        end as match_method,
        {{ decimal(
            "case when candidates.match_method = 'id' then 1 "
            ~ "when candidates.match_method = 'email' and candidates.alike_count = 1 then 0.9 "
            ~ "when candidates.match_method = 'email' then 0.6 "
            ~ "when company_names.company_id is not null then 0.7 else 0 end", 5, 2
        ) }} as match_confidence
    from erp_customers
    left join candidates
        on
            erp_customers.erp = candidates.erp
            and erp_customers.customer_id = candidates.customer_id
            and candidates.place = 1
    left join erp_company_names
        on
            erp_customers.erp = erp_company_names.erp
            and erp_customers.company_key = erp_company_names.company_key
            and candidates.shop_customer_id is null
    left join company_names on erp_company_names.company_key = company_names.company_key
)

select * from final
