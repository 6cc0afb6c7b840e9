-- What the ERP says happened to the orders of shops: sales order, fulfilment, invoice, payment, credit memo.
{{ config(materialized='view') }}

with erp_orders as (
    select
        orders.erp,
        orders.sales_order_id,
        xref.shop,
        xref.order_id,
        orders.number,
        orders.currency,
        orders.total_amount,
        orders.created_at
    from {{ ref('stg_erp__sales_orders') }} as orders
    inner join {{ ref('int_xref__orders') }} as xref
        on xref.system = 'erp' and orders.erp = xref.connection and orders.sales_order_id = xref.external_order_id
    where xref.order_id is not null
),

final as (
    select
        shop,
        order_id,
        'erp' as system,
        erp as connection,
        'sales order' as milestone,
        sales_order_id as document_id,
        created_at as occurred_at,
        number as reference,
        total_amount as amount,
        currency
    from erp_orders
    {%- for model, id, milestone, amount in [
        ('stg_erp__fulfillments', 'fulfillment_id', 'fulfilment booked', 'null'),
        ('stg_erp__invoices', 'invoice_id', 'invoiced', 'documents.total_amount'),
        ('stg_erp__payments', 'payment_id', 'payment booked', 'documents.amount'),
        ('stg_erp__credit_memos', 'credit_memo_id', 'credited', 'documents.total_amount'),
    ] %}
    union all
    select
        erp_orders.shop,
        erp_orders.order_id,
        'erp' as system,
        erp_orders.erp as connection,
        {% if model == 'stg_erp__payments' -%}
        case when documents.kind = 'refund' then 'refund booked' else '{{ milestone }}' end as milestone,
        {%- else -%}
        '{{ milestone }}' as milestone,
        {%- endif %}
        documents.{{ id }} as document_id,
        documents.created_at as occurred_at,
        documents.number as reference,
        {{ money(amount) }} as amount,
        {{ text('null') if amount == 'null' else 'documents.currency' }} as currency
    from {{ ref(model) }} as documents
    inner join erp_orders
        on documents.erp = erp_orders.erp and documents.sales_order_id = erp_orders.sales_order_id
    {%- endfor %}
)

select * from final
