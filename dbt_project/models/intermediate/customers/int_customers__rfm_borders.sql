-- Where the fifths of a shop's customers part, for each RFM digit. Counted by value, since ranking every customer would
-- sort them all three times: there are few days and few numbers of orders, and of net sales only the amounts within the
-- whole units in which a border lies are looked at one by one.
with history as (
    select
        shop,
        last_order_date,
        orders_count,
        net_sales_amount,
        floor(net_sales_amount) as net_sales_units
    from {{ ref('int_customers__purchase_history') }}
),
{% for name, value in {
    'recency': 'last_order_date', 'frequency': 'orders_count', 'monetary': 'net_sales_units'
}.items() %}
{{ name }}_values as (
    select
        shop,
        {{ value }},
        count(*) as customers_count
    from history
    group by shop, {{ value }}
),

{{ name }}_counted as (
    select
        shop,
        {{ value }},
        sum(customers_count) over (partition by shop order by {{ value }}) as counted,
        sum(customers_count) over (partition by shop order by {{ value }}) - customers_count as counted_before,
        sum(customers_count) over (partition by shop) as customers
    from {{ name }}_values
),
{% endfor %}
recency as (
    select
        shop,
        {{- borders_of_fifths('last_order_date', 'recency') }}
    from recency_counted
    group by shop
),

frequency as (
    select
        shop,
        {{- borders_of_fifths('orders_count', 'frequency') }}
    from frequency_counted
    group by shop
),

border_units as (
    select * from monetary_counted
    where {{ holds_a_border() }}
),

border_amounts as (
    select
        history.shop,
        history.net_sales_units,
        history.net_sales_amount,
        border_units.counted_before,
        border_units.customers,
        count(*) as customers_count
    from history
    inner join border_units
        on history.shop = border_units.shop and history.net_sales_units = border_units.net_sales_units
    group by
        history.shop,
        history.net_sales_units,
        history.net_sales_amount,
        border_units.counted_before,
        border_units.customers
),

border_amounts_counted as (
    select
        shop,
        net_sales_amount,
        customers,
        counted_before
        + sum(customers_count) over (partition by shop, net_sales_units order by net_sales_amount) as counted
    from border_amounts
),

monetary as (
    select
        shop,
        {{- borders_of_fifths('net_sales_amount', 'monetary') }}
    from border_amounts_counted
    group by shop
),

final as (
    select
        recency.shop,
        recency.recency_border_1,
        recency.recency_border_2,
        recency.recency_border_3,
        recency.recency_border_4,
        frequency.frequency_border_1,
        frequency.frequency_border_2,
        frequency.frequency_border_3,
        frequency.frequency_border_4,
        monetary.monetary_border_1,
        monetary.monetary_border_2,
        monetary.monetary_border_3,
        monetary.monetary_border_4
    from recency
    inner join frequency on recency.shop = frequency.shop
    inner join monetary on recency.shop = monetary.shop
)

select * from final
