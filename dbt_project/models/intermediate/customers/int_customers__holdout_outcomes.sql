-- What each customer in an experiment has bought since the day of the assignment, whether written to or held out: all
-- who were assigned count, also those whose values never arrived, or the groups would not be alike any more.
with assignments as (
    select
        assigned.*,
        {{ days_between(
            business_date('assigned.assigned_at', 'as_of.iana_timezone'),
            'least(as_of.as_of_date, coalesce('
            ~ business_date('assigned.ended_at', 'as_of.iana_timezone') ~ ', as_of.as_of_date))'
        ) }} as observed_days
    from {{ ref('stg_ops__holdout_assignments') }} as assigned
    left join {{ ref('int_shops__as_of') }} as as_of on assigned.shop = as_of.shop
),

orders as (
    select
        shop,
        order_id,
        customer_id,
        placed_at,
        net_sales_reporting_amount
    from {{ ref('int_orders__totals') }}
    where customer_id is not null and units_sold > 0
),

margins as (
    select
        shop,
        order_id,
        sum(gross_margin_reporting_amount) as gross_margin_reporting_amount,
        max(case when gross_margin_reporting_amount is null then 1 else 0 end) as lacks_cost
    from {{ ref('fct_gross_margin') }}
    group by shop, order_id
),

bought as (
    select
        assignments.sync,
        assignments.experiment,
        assignments.shop,
        assignments.customer_id,
        count(orders.order_id) as orders_count,
        sum(orders.net_sales_reporting_amount) as net_sales_reporting_amount,
        sum(margins.gross_margin_reporting_amount) as gross_margin_reporting_amount,
        sum(coalesce(margins.lacks_cost, 1)) as orders_without_cost_count
    from assignments
    inner join orders
        on
            assignments.shop = orders.shop
            and assignments.customer_id = orders.customer_id
            and assignments.assigned_at < orders.placed_at
    left join margins on orders.shop = margins.shop and orders.order_id = margins.order_id
    where assignments.ended_at is null or orders.placed_at <= assignments.ended_at
    group by assignments.sync, assignments.experiment, assignments.shop, assignments.customer_id
),

final as (
    select
        assignments.sync,
        assignments.experiment,
        assignments.shop,
        assignments.customer_id,
        assignments.stratum,
        assignments.control_share,
        assignments.assigned_group,
        assignments.assigned_at,
        assignments.ended_at,
        cast(greatest(coalesce(assignments.observed_days, 0), 0) as bigint) as observed_days,
        cast(coalesce(bought.orders_count, 0) as bigint) as orders_count,
        {{ money('coalesce(bought.net_sales_reporting_amount, 0)') }} as net_sales_reporting_amount,
        {{ money('coalesce(bought.gross_margin_reporting_amount, 0)') }} as gross_margin_reporting_amount,
        cast(coalesce(bought.orders_without_cost_count, 0) as bigint) as orders_without_cost_count
    from assignments
    left join bought
        on
            assignments.sync = bought.sync
            and assignments.experiment = bought.experiment
            and assignments.shop = bought.shop
            and assignments.customer_id = bought.customer_id
)

select * from final
