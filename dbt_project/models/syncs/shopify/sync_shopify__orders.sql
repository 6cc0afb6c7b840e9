-- What Shopify should carry on each order: whether the other systems agree with the shop. A state changes seldom, so
-- most orders are written once. Old orders that agree are left alone: nobody looks at them, and there are many.
with orders as (
    select
        shop,
        order_id,
        order_date,
        reconciliation_state,
        open_breaks_count,
        max(order_date) over (partition by shop) as latest_date
    from {{ ref('fct_orders') }}
),

final as (
    select
        shop,
        order_id,
        reconciliation_state,
        cast(open_breaks_count as bigint) as open_breaks_count
    from orders
    where
        reconciliation_state in ('broken', 'pending')
        or (
            reconciliation_state = 'matched'
            and order_date >= {{ add_days('latest_date', -(var('synced_orders_days'))) }}
        )
)

select * from final
