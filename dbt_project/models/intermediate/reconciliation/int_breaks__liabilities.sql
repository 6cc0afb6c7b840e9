-- Money that is owed and should not be any more: gift cards that were spent, deposits of orders that were shipped.
with subsidiaries as (
    select
        shop,
        min(erp) as erp
    from {{ ref('int_xref__locations') }}
    group by shop
),

owed as (
    select
        erp,
        reference,
        sum(credit_amount - debit_amount) as owed_amount
    from {{ ref('stg_erp__gl_entries') }}
    where account_type = 'gift_card_liability' and is_posted and reference is not null
    group by erp, reference
),

cards as (
    select
        cards.shop,
        cards.gift_card_id,
        cards.currency,
        cards.balance_amount,
        cards.updated_at,
        subsidiaries.erp,
        owed.owed_amount
    from {{ ref('stg_shopify__gift_cards') }} as cards
    inner join subsidiaries on cards.shop = subsidiaries.shop
    inner join owed on subsidiaries.erp = owed.erp and {{ text('cards.gift_card_id') }} = owed.reference
    inner join {{ ref('break_taxonomy') }} as taxonomy on taxonomy.code = 'GL-06'
    where abs(owed.owed_amount - cards.balance_amount) > taxonomy.tolerance_amount
),

invoiced as (
    select
        invoices.erp,
        invoices.sales_order_id,
        min(invoices.number) as number,
        max(invoices.created_at) as created_at,
        sum(invoices.total_amount - invoices.remaining_amount) as applied_amount,
        sum(invoices.remaining_amount) as remaining_amount
    from {{ ref('stg_erp__invoices') }} as invoices
    where invoices.status != 'void'
    group by invoices.erp, invoices.sales_order_id
),

deposits as (
    select
        erp,
        sales_order_id,
        sum(amount) as paid_amount
    from {{ ref('stg_erp__payments') }}
    where kind = 'payment'
    group by erp, sales_order_id
),

held as (
    select
        orders.shop,
        orders.order_id,
        orders.erp,
        orders.currency,
        invoiced.number,
        invoiced.created_at,
        invoiced.remaining_amount,
        deposits.paid_amount - invoiced.applied_amount as held_amount
    from invoiced
    inner join deposits on invoiced.erp = deposits.erp and invoiced.sales_order_id = deposits.sales_order_id
    inner join {{ ref('int_reconciliation__orders') }} as orders
        on invoiced.erp = orders.erp and invoiced.sales_order_id = orders.sales_order_id
    where
        invoiced.remaining_amount > 0
        and deposits.paid_amount - invoiced.applied_amount >= invoiced.remaining_amount
        and orders.refunds_count = 0
),

spent as (
    {{ break_candidate(
        'GL-06', 'gift_card', 'gift_card_id', 'updated_at', order_id=none, expected='balance_amount',
        actual='owed_amount', delta='owed_amount - balance_amount', money='abs(owed_amount - balance_amount)'
    ) }}
    from cards
),

not_released as (
    {{ break_candidate(
        'GL-07', 'order', 'order_id', 'created_at', expected="'0'", actual='held_amount', delta='held_amount',
        money='held_amount', evidence={'invoice': 'number'}
    ) }}
    from held
)

select * from spent
union all
select * from not_released
