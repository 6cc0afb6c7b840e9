-- For each code and combination of connections: the instant that the feeds have reached in which the missing thing is
-- awaited, whether a feed was never loaded, and whether one is in trouble. A break looks at this clock and at no other.
with connections as (
    select distinct connection from {{ ref('int_feeds__as_of') }}
),

erps as (
    select connection as erp from {{ ref('int_feeds__as_of') }}
    where entity = 'sales_orders'
    union all
    select '' as erp
),

partners as (
    select distinct connection as partner from {{ ref('int_feeds__as_of') }}
    where entity in ('shipments', 'inventory_snapshots')
    union all
    select '' as partner
),

-- ERP-wide objects stand under the name of the ERP, stock of a partner may stand under its own.
combined as (
    select
        feeds.code,
        feeds.entity,
        feeds.is_clock,
        connections.connection as shop,
        erps.erp,
        partners.partner,
        case feeds.system when 'shopify' then connections.connection when 'erp' then erps.erp else partners.partner end
            as connection
    from {{ ref('break_feeds') }} as feeds
    cross join connections
    cross join erps
    cross join partners
),

final as (
    select
        combined.code,
        combined.shop,
        combined.erp,
        combined.partner,
        min(case when combined.is_clock then progress.as_of end) as as_of,
        sum(case when progress.as_of is null then 1 else 0 end) as missing_feeds_count,
        min(progress.problem_code) as held_by
    from combined
    left join {{ ref('int_feeds__as_of') }} as progress
        on combined.connection = progress.connection and combined.entity = progress.entity
    where combined.connection != ''
    group by combined.code, combined.shop, combined.erp, combined.partner
)

select * from final
